"""From a survey's words on its design and its cover to the analysis that a run is read with.

Rule: an analysis needs the plan's fields and the survey's files, and nothing of the service, so that a finished run is
re-analysed without a request.
"""

from __future__ import annotations

from coralrun.app.survey.resources import GROUPS_SCHEMA, schema
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.estimates.placed import placed
from coralrun.planning.design import check_areas, check_unit_weights, check_weights, spelt, unit_fields
from coralrun.planning.model import Analysis, Plan, UnitWeights
from coralrun.planning.units_in_all import check_units_in_all, unequal_chances
from coralrun.sources.amounts_file import read_areas, read_weights
from coralrun.sources.groups_table import read_groups
from coralrun.sources.records import is_table
from coralrun.sources.table import Warn, unheard
from coralrun.spec.groups import LabelGroups
from coralrun.spec.groups_file import parse_groups
from coralrun.spec.model import Design


def analysis_of(file: SurveyFile, plan: Plan) -> Analysis:
    """How the survey wants its run read, whose plan this is.

    Raises InvalidInput where the design names a field that is not there, or a file of it is wrong.
    """
    survey = file.survey
    design = spelt(survey.design, plan.fields, survey.wording)
    areas = areas_of(file, design)
    if areas:
        check_areas(design, areas, plan.fields, plan.images)
    check_weights(design, plan.fields, plan.images, survey.wording)
    weights = weights_of(file, design)
    if weights is not None:
        check_unit_weights(design, weights.weights, plan.fields, plan.images)
    check_units_in_all(design, plan, areas, survey.wording)
    by = survey.images.by
    analysis = Analysis(
        design=design,
        cover=survey.cover,
        groups=groups_of(file),
        areas=areas,
        unit_weights=weights,
        drawn_by=next((field for field in plan.fields if by is not None and field.casefold() == by.casefold()), None),
        thumbnails=survey.outputs.thumbnails,
    )
    if analysis.drawn_by is not None and design.units_in_all is not None and placed(plan, analysis).weighs_photos:
        raise unequal_chances(analysis.drawn_by, survey.wording)
    return analysis


def areas_of(file: SurveyFile, design: Design, warn: Warn = unheard) -> dict[str, float]:
    """The areas of a design's strata, empty where it names none; raises InvalidInput where their file is wrong."""
    if design.areas is None or design.strata_field is None:
        return {}
    return read_areas(design.areas, file.read[design.areas], design.strata_field, file.survey.metadata, warn)


def weights_of(file: SurveyFile, design: Design, warn: Warn = unheard) -> UnitWeights | None:
    """What units weigh by a table, None where the survey names none; raises InvalidInput where it is wrong."""
    path, fields = design.weights_table, unit_fields(design)
    if path is None or fields is None:
        return None
    return read_weights(path, file.read[path], fields, file.survey.metadata, warn)


def groups_of(file: SurveyFile, warn: Warn = unheard) -> LabelGroups | None:
    """The label groups that a survey names, if it does; raises InvalidInput where their file is wrong."""
    path = file.survey.cover.groups
    return None if path is None else groups_in(path, file.read[path], warn)


def groups_in(path: str, data: bytes, warn: Warn = unheard) -> LabelGroups:
    """The label groups of a file, a table or YAML; raises InvalidInput with all that is wrong in it."""
    return read_groups(path, data, warn) if is_table(path) else parse_groups(path, data, schema(GROUPS_SCHEMA))
