"""The files and the earlier runs that a survey names.

Rule: each once. Files are relative to the survey's folder, runs to where the command is run.
"""

from __future__ import annotations

from coralrun.files.training_photos import training_photos_of
from coralrun.spec.model import ManifestSource, PointsFile, Survey
from coralrun.spec.revisit import Revisit


def files_read(survey: Survey) -> list[str]:
    """The files that the survey reads besides itself and its bases."""
    of_analysis = (survey.design.areas, survey.design.weights_table, survey.cover.groups)
    return list(dict.fromkeys([*files_run(survey), *(path for path in of_analysis if path is not None)]))


def files_of_design(survey: Survey) -> list[str]:
    """Those that say of images and labels what cover needs to know: metadata, areas, label groups."""
    named = (survey.metadata.table, survey.design.areas, survey.cover.groups)
    return list(dict.fromkeys(path for path in named if path is not None))


def files_run(survey: Survey) -> list[str]:
    """Those that say what is run; the others say how the run is read."""
    files: list[str | None] = []
    for source in survey.sources:
        files.append(source.path if isinstance(source, ManifestSource) else None)
        files.append(source.filters.names_from)
        trained = source.filters.not_trained_on
        files.append(None if trained is None else training_photos_of(trained))
    files.append(survey.points.path if isinstance(survey.points, PointsFile) else None)
    files.append(survey.metadata.table)
    return list(dict.fromkeys(path for path in files if path is not None))


def runs_read(survey: Survey) -> list[str]:
    """The directories of the runs that the survey builds on."""
    runs: list[str | None] = [run for source in survey.sources for run in source.filters.not_in]
    runs.append(survey.classifier.same_as)
    runs.append(survey.points.run if isinstance(survey.points, Revisit) else None)
    return list(dict.fromkeys(run for run in runs if run is not None))
