"""A survey on disk: the file, its bases, and every file that it reads, each read once.

Rule: "the survey changed" means that its resolved form or the SHA-256 of a file that it reads is another, in so far as
they say what is run; how a run is read may change. Whatever the user's files are called, their copies in the run
directory get names made here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coralrun.app.survey.named_files import files_at, why_none
from coralrun.app.survey.near_path import near
from coralrun.app.survey.resources import SURVEY_SCHEMA, schema
from coralrun.errors import InvalidInput, Problem, RunDamaged, UsageError
from coralrun.files.given import beginning_of, read_given
from coralrun.limits import MAX_SURVEY_BYTES
from coralrun.planning import codec
from coralrun.planning.model import Classifier
from coralrun.service.terms import Option
from coralrun.services import all_terms, entry_of
from coralrun.sources import deploy_payload
from coralrun.spec.canonical import folder_path
from coralrun.spec.compare import run_part
from coralrun.spec.model import FolderSource, ManifestSource, PointsFile, Survey
from coralrun.spec.named import files_of_design, files_read, files_run, runs_read
from coralrun.spec.survey import load_survey
from coralrun.spec.text import check_size
from coralrun.store import plans, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout
from coralrun.values.ids import digest_of, sha256_hex
from coralrun.values.phrases import typed

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 60
_SNIFFED_BYTES = 100
_POINTS_FILES_KEPT = 20
_FILE_KEYS = ("manifest", "names_from", "from", "metadata", "areas", "groups")
_RUN_KEYS = ("not_in", "same_as", "run")
_NOTHING_RUN = b"""
version: 1
name: labels
classifier: {source: 1}
sources: [{manifest: labels}]
sampling: {points: {from: labels}}
"""
"""What stands for what is run, where a survey need not say it."""
_FILES_REMEDY = "Paths in a survey are relative to the survey; correct them, or put the files there."


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that this survey builds on: the plan's digest, its keys and its classifier."""

    plan_digest: str
    keys: frozenset[str]
    classifier: Classifier


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """A valid survey. `written` are the survey and its bases as the user wrote them, by path; `read` its other files.

    `runs` are the runs that it names, by directory. `limit` is the number of images of a try-out, None for all.
    `exports` are the annotations that the points were taken from, by the number of the CoralNet source. `folders` are
    the places of its folders of photos on this computer, whole, by their sources' labels.
    """

    survey: Survey
    written: Mapping[str, bytes]
    read: Mapping[str, bytes]
    points: tuple[str, ...] = ()
    runs: Mapping[str, EarlierRun] = field(default_factory=dict)
    limit: int | None = None
    exports: Mapping[int, bytes] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)

    @property
    def resolved(self) -> dict[str, Any]:
        """The survey in canonical form, with the hash of each file that it reads, and the limit of a try-out."""
        value = dict(self.survey.canonical)
        run_files = {*files_run(self.survey), *self.points}
        hashes = {path: sha256_hex(data) for path, data in sorted(self.read.items())}
        value["files"] = {path: sha256 for path, sha256 in hashes.items() if path in run_files}
        if len(hashes) > len(value["files"]):
            value["analysis_files"] = {path: sha256 for path, sha256 in hashes.items() if path not in run_files}
        if self.runs:
            value["runs"] = {path: run.plan_digest for path, run in sorted(self.runs.items())}
        if self.limit is not None:
            value["limit"] = self.limit
        return value

    @property
    def digest(self) -> str:
        """The SHA-256 of what the resolved form says is run."""
        return digest_of(run_part(self.resolved))

    @property
    def directory(self) -> str:
        """Where the run goes; a try-out goes there too, and flows into the whole."""
        return self.survey.outputs.directory

    def copies(self) -> dict[str, bytes]:
        """The user's files under safe names, for the run directory.

        Manifests are left out, and deploy requests, which are some: they may hold URLs that are secrets, which the
        plan's image list alone may keep. So are the points of a file an image: the plan holds them all.
        """
        left_out = {source.path for source in self.survey.sources if isinstance(source, ManifestSource)}
        left_out |= {path for path in self.points if path.lower().endswith(deploy_payload.ENDING)}
        if len(self.points) > _POINTS_FILES_KEPT:
            left_out |= set(self.points)
        files = [*self.written.items(), *((path, data) for path, data in self.read.items() if path not in left_out)]
        exports = {f"annotations-{source}.csv": data for source, data in self.exports.items()}
        return {f"{number:02d}-{_safe(path)}": data for number, (path, data) in enumerate(files, start=1)} | exports


def read_survey(path: Path, *, limit: int | None = None) -> SurveyFile:
    """Read and check a survey and every file that it reads; raises InvalidInput with all problems, or UsageError."""
    file = path.as_posix()
    try:
        data = _sized(path)
    except OSError as error:
        raise _not_read(path, error) from error
    return survey_of(file, data, path.parent, limit=limit)


def read_design(path: Path) -> SurveyFile:
    """Read of a survey what cover needs of it (`metadata`, `design`, `cover`), and the files that these name.

    What is run (`sources`, `sampling`, `classifier`) may be left out, and no file or run that it names is read. Raises
    as `read_survey`.
    """
    file = path.as_posix()
    try:
        written = {file: _sized(path)}
    except OSError as error:
        raise _not_read(path, error) from error

    def read(base: str) -> bytes:
        written[base] = _sized(Path(base))
        return written[base]

    data, known = written[file], schema(SURVEY_SCHEMA)
    survey = load_survey(file, data, known, read, os.environ, services=all_terms(), missing=_NOTHING_RUN)
    return SurveyFile(survey, written, _read_named(survey, path.parent, files_of_design(survey), {}))


def kept_survey(plan: PlanLayout, survey_digest: str) -> dict[str, Any]:
    """The resolved survey that a plan's folder keeps, empty where it has none.

    Raises RunDamaged where it does not say the same of what is run as when the run was made (`survey_digest`).
    """
    if not plan.survey.exists():
        return {}
    try:
        kept = json.loads(Disk().read(plan.survey))
        same = digest_of(run_part(kept)) == survey_digest
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunDamaged(f"{plan.survey}: damaged: it is not a survey: {error}") from error
    if not same:
        raise RunDamaged(f"{plan.survey}: damaged: it is not the survey that this run was started with")
    return dict(kept)


def survey_of(
    file: str, data: bytes, folder: Path, *, given: Mapping[str, bytes] | None = None, limit: int | None = None
) -> SurveyFile:
    """Check a survey that was read already, and read the files that it names; raises as `read_survey`.

    `file` is what messages call it, `folder` where its paths begin; `given` are files that stand on no disk, by path.
    """
    written = {file: data}
    given = given or {}

    def read(base: str) -> bytes:
        written[base] = _sized(Path(base))
        return written[base]

    survey = load_survey(file, data, schema(SURVEY_SCHEMA), read, os.environ, services=all_terms())
    survey = replace(survey, options=_whole_paths(survey, folder))
    points = _points_files(survey, folder, given)
    files = _files_of(survey, folder, points, given)
    folders = _folders_of(survey, folder)
    return SurveyFile(survey, written, files, points=points, runs=_runs_of(survey), limit=limit, folders=folders)


def _not_read(path: Path, error: OSError) -> UsageError:
    hint = near(path) if isinstance(error, FileNotFoundError) else ""
    return UsageError(f"{path.as_posix()}: {error.strerror}{hint}", remedy="Give the path of a survey.")


def _sized(path: Path) -> bytes:
    if codec.sniff(beginning_of(path, _SNIFFED_BYTES)):
        raise UsageError(f"{path}: this is a saved plan", remedy=f"Carry it out with: coralrun apply {typed(path)}")
    check_size(path.as_posix(), path.stat().st_size)
    return read_given(path, MAX_SURVEY_BYTES)


def _points_files(survey: Survey, folder: Path, given: Mapping[str, bytes]) -> tuple[str, ...]:
    """The files that the path of the points stands for, relative to the survey's folder."""
    if not isinstance(survey.points, PointsFile):
        return ()
    named = survey.points.path
    place = folder / named
    if named in given:
        return (named,)
    found = files_at(place)
    if found is None:
        return (named,)
    if not found:
        message = f"{place.as_posix()}: {why_none(place, named)}"
        raise InvalidInput([survey.wording.problem(message, named, "from")], remedy=_FILES_REMEDY)
    return tuple(sorted(os.path.relpath(path, folder).replace(os.sep, "/") for path in found))


def _files_of(survey: Survey, folder: Path, points: tuple[str, ...], given: Mapping[str, bytes]) -> dict[str, bytes]:
    named = survey.points.path if isinstance(survey.points, PointsFile) else ""
    names = dict.fromkeys([*(name for name in files_read(survey) if name != named), *points])
    return _read_named(survey, folder, names, given)


def _read_named(survey: Survey, folder: Path, names: Iterable[str], given: Mapping[str, bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            files[name] = given[name] if name in given else read_given(folder / name)
        except OSError as error:
            hint = near(folder / name) if isinstance(error, FileNotFoundError) else ""
            message = f"{(folder / name).as_posix()}: {error.strerror}{hint}"
            problems.append(survey.wording.problem(message, name, *_FILE_KEYS))
    if problems:
        raise InvalidInput(problems, remedy=_FILES_REMEDY)
    return files


def _folders_of(survey: Survey, folder: Path) -> dict[str, Path]:
    """Where the folders of photos are: a run may be gone on with from anywhere."""
    folders: dict[str, Path] = {}
    problems: list[Problem] = []
    for source in survey.sources:
        if isinstance(source, FolderSource):
            place = folders[source.label] = (folder / source.path).resolve()
            if not place.is_dir():
                word = next((word for key, word in survey.wording.places if _names(source, key, word)), source.path)
                what = "a file, not a folder" if place.exists() else f"no such folder{near(place)}"
                problems.append(survey.wording.problem(f"{(folder / source.path).as_posix()}: {what}", word, "folder"))
    if problems:
        raise InvalidInput(problems, remedy=_FILES_REMEDY)
    return folders


def _names(source: FolderSource, key: str, word: str) -> bool:
    return key == "folder" and folder_path(word) == source.path


def _whole_paths(survey: Survey, folder: Path) -> dict[str, Option]:
    """What a survey says by its service's own keys, with whole paths: a run may be gone on with from anywhere."""
    paths = entry_of(survey.service).terms.paths
    return {
        key: str((folder / str(value)).resolve()) if key in paths else value for key, value in survey.options.items()
    }


def _runs_of(survey: Survey) -> dict[str, EarlierRun]:
    runs: dict[str, EarlierRun] = {}
    problems: list[Problem] = []
    disk = Disk()
    for directory in runs_read(survey):
        layout = Layout(Path(directory))
        if not run.exists(layout):
            problems.append(survey.wording.problem(f"{directory} holds no run", directory, *_RUN_KEYS))
            continue
        try:
            runs[directory] = EarlierRun(*plans.keys_in_force(layout, disk, run.load(layout, disk).state))
        except RunDamaged as damage:
            raise RunDamaged(f"{directory}, which the survey names: {damage.message}") from damage
    if problems:
        raise InvalidInput(
            problems, remedy="Name the directory of a run, relative to where you call the command, as `outputs` does."
        )
    return runs


def _safe(path: str) -> str:
    name = _UNSAFE.sub("_", path.replace("\\", "/").rpartition("/")[2])
    return name[-_LONGEST_NAME:].lstrip(".") or "file"
