"""What stands in the files that a survey names: images, lists of names, metadata, points, areas, weights, label groups.

Rule: every file is read, also where another one is wrong, so that all problems of all of them are reported at once; and
before anything is asked of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from coralrun.app.survey.analysis import areas_of, groups_of, weights_of
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.errors import InvalidInput, Problem
from coralrun.files.training_photos import decode_photos, training_photos_of
from coralrun.planning.metadata import MetadataTable
from coralrun.planning.points_table import PointsTable
from coralrun.sources.manifest import Manifest, read_manifest
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.names_file import read_names
from coralrun.sources.points_file import read_points
from coralrun.sources.table import Warn
from coralrun.spec.extend import folder_of, identity, join
from coralrun.spec.model import ManifestSource, PointsFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the files of a survey hold: manifests, lists of names and of classifiers' photos by their paths, and the
    two tables, if any.

    `warnings` are what their owner should know of them.
    """

    manifests: Mapping[str, Manifest]
    names: Mapping[str, tuple[str, ...]]
    table: MetadataTable | None
    points: PointsTable | None
    warnings: tuple[str, ...]


def read_inputs(file: SurveyFile) -> Inputs:
    """Read every file of a survey but those that are absent; raises InvalidInput with the problems of all, each at its
    line.

    Files are named as the survey itself was: from where the person stands, and not from where the survey does.
    """
    survey, reading = file.survey, _Reading(file)
    manifests: dict[str, Manifest] = {}
    names: dict[str, tuple[str, ...]] = {}
    for source in survey.sources:
        if isinstance(source, ManifestSource):
            reading.into(manifests, source.path, partial(_manifest, file, source, reading.warn))
    for path in dict.fromkeys(source.filters.names_from for source in survey.sources):
        if path is not None:
            reading.into(names, path, partial(_names, file, path, reading.warn))
    for folder in dict.fromkeys(source.filters.not_trained_on for source in survey.sources):
        if folder is not None:
            reading.into(names, training_photos_of(folder), partial(_photos, file, training_photos_of(folder)))
    table = reading.of(survey.metadata.table, partial(_metadata, file, reading.warn))
    points = reading.of(next(iter(file.points), None), partial(_points, file, reading.warn))
    reading.of(survey.design.areas, partial(areas_of, file, survey.design, reading.warn))
    reading.of(survey.design.weights_table, partial(weights_of, file, survey.design, reading.warn))
    reading.of(survey.cover.groups, partial(groups_of, file, reading.warn))
    if reading.problems:
        raise InvalidInput(reading.problems)
    of_manifests = (warning for manifest in manifests.values() for warning in manifest.warnings)
    return Inputs(manifests, names, table, points, tuple(reading.said([*of_manifests, *reading.warnings])))


@dataclass(frozen=True, slots=True)
class _Reading:
    """The reading of several files, with the problems of all of them, and what else is to be said."""

    file: SurveyFile
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        """Note what the owner of a file should know of it."""
        self.warnings.append(warning)

    def said(self, warnings: Iterable[str]) -> Iterator[str]:
        """Warnings, each once, whose files are named from here."""
        for warning in dict.fromkeys(warnings):
            path = next((path for path in self.file.read if warning.startswith(f"{path}:")), "")
            yield f"{self._from_here(path)}{warning[len(path) :]}" if path else warning

    def of(self, path: str | None, read: Callable[[], T]) -> T | None:
        """What one file holds; None where there is none, or where it has problems, which are noted."""
        if path is None or path not in self.file.read:
            return None
        try:
            return read()
        except InvalidInput as error:
            self.problems.extend(
                replace(problem, file=self._from_here(problem.file)) if problem.file in self.file.read else problem
                for problem in error.problems
            )
            return None

    def _from_here(self, path: str) -> str:
        return identity(join(folder_of(self.file.survey.wording.file), path))

    def into(self, target: dict[str, T], path: str, read: Callable[[], T]) -> None:
        """The same, kept by the file's path."""
        found = self.of(path, read)
        if found is not None:
            target[path] = found


def _manifest(file: SurveyFile, source: ManifestSource, warn: Warn) -> Manifest:
    return read_manifest(source.path, file.read[source.path], source, warn)


def _names(file: SurveyFile, path: str, warn: Warn) -> tuple[str, ...]:
    return read_names(path, file.read[path], warn)


def _photos(file: SurveyFile, path: str) -> tuple[str, ...]:
    try:
        return decode_photos(file.read[path])
    except ValueError as error:
        raise InvalidInput([Problem(path, 0, 0, str(error))]) from error


def _metadata(file: SurveyFile, warn: Warn) -> MetadataTable | None:
    metadata = file.survey.metadata
    if metadata.table is None:
        return None
    return read_metadata(metadata.table, file.read[metadata.table], metadata, warn)


def _points(file: SurveyFile, warn: Warn) -> PointsTable | None:
    points = file.survey.points
    if not isinstance(points, PointsFile):
        return None
    return read_points(points.path, {path: file.read[path] for path in file.points}, points, warn)
