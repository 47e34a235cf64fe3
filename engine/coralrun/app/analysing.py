"""From a survey's words on its design and its cover to the analysis that a run is read with.

Rule: an analysis needs the plan's fields and the survey's files, and nothing of the service, so that a finished run is
read anew without a request.
"""

from __future__ import annotations

from coralrun.app.resources import GROUPS_SCHEMA, schema
from coralrun.app.survey_file import SurveyFile
from coralrun.plan.design import check_areas, spelt
from coralrun.plan.model import Analysis, Plan
from coralrun.sources.areas_file import read_areas
from coralrun.spec.groups import LabelGroups
from coralrun.spec.groups_file import parse_groups


def analysis_of(file: SurveyFile, plan: Plan) -> Analysis:
    """How the survey wants its run read, whose plan this is.

    Raises InvalidInput where the design names a field that is not there, or a file of it is wrong.
    """
    survey = file.survey
    design = spelt(survey.design, plan.fields, survey.wording)
    areas: dict[str, float] = {}
    if design.areas is not None and design.strata_field is not None:
        areas = read_areas(design.areas, file.read[design.areas], design.strata_field)
        check_areas(design, areas, plan.fields, plan.images)
    return Analysis(
        design=design, cover=survey.cover, groups=groups_of(file), areas=areas, thumbnails=survey.outputs.thumbnails
    )


def groups_of(file: SurveyFile) -> LabelGroups | None:
    """The label groups that a survey names, if it does; raises InvalidInput where their file is wrong."""
    path = file.survey.cover.groups
    return None if path is None else parse_groups(path, file.read[path], schema(GROUPS_SCHEMA))
