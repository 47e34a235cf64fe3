"""A survey on disk: the file, its bases, and every file that it reads, each read once.

Rule: "the survey changed" means that its resolved form or the SHA-256 of a file that it reads is another, in so far as
they say what is run; how a run is read may change. Whatever the user's files are called, their copies in the run
directory get names made here.
"""

from __future__ import annotations

import os
import re
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coralrun.app.survey.found import (
    EarlierRun,
    Missing,
    files_of,
    folders_of,
    points_files,
    read_named,
    runs_of,
    same_folders,
)
from coralrun.app.survey.near_path import near
from coralrun.app.survey.resources import SURVEY_SCHEMA, schema
from coralrun.errors import UsageError
from coralrun.files.given import beginning_of, read_given
from coralrun.limits import MAX_SURVEY_BYTES
from coralrun.planning import codec
from coralrun.service.terms import Option
from coralrun.services import all_terms, entry_of
from coralrun.sources import deploy_payload
from coralrun.spec.compare import run_part
from coralrun.spec.model import ManifestSource, Survey
from coralrun.spec.named import files_of_design, files_run
from coralrun.spec.survey import load_survey
from coralrun.spec.text import check_size
from coralrun.values.ids import digest_of, sha256_hex
from coralrun.values.phrases import typed

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 60
_SNIFFED_BYTES = 100
_POINTS_FILES_KEPT = 20
_NOTHING_RUN = b"""
version: 1
name: labels
classifier: {source: 1}
sources: [{manifest: labels}]
sampling: {points: {from: labels}}
"""
"""What stands for what is run, where a survey need not say it."""


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """A valid survey. `written` are the survey and its bases as the user wrote them, by path; `read` its other files.

    `runs` are the runs that it names, by directory. `limit` is the number of images of a try-out, None for all.
    `exports` are the annotations that the points were taken from, by the number of the CoralNet source. `folders` are
    the places of its folders of photos on this computer, whole, by their sources' labels. `path` is where it stands
    itself, None where it was made in Python. `absent` says of each file, folder and run that was passed over why.
    """

    survey: Survey
    written: Mapping[str, bytes]
    read: Mapping[str, bytes]
    points: tuple[str, ...] = ()
    runs: Mapping[str, EarlierRun] = field(default_factory=dict)
    limit: int | None = None
    exports: Mapping[int, bytes] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    path: Path | None = None
    absent: tuple[str, ...] = ()

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


def read_survey(path: Path, *, limit: int | None = None, skip_missing: bool = False) -> SurveyFile:
    """Read and check a survey and every file that it reads; raises InvalidInput with all problems, or UsageError.

    With `skip_missing`, files, folders and runs that are not there are passed over, and told of as `absent`.
    """
    found = survey_of(path.as_posix(), _read(path), path.parent, limit=limit, skip_missing=skip_missing)
    return replace(found, path=path.resolve())


def read_design(path: Path) -> SurveyFile:
    """Read of a survey what cover needs of it (`metadata`, `design`, `cover`), and the files that these name.

    What is run (`sources`, `sampling`, `classifier`) may be left out, and no file or run that it names is read. Raises
    as `read_survey`.
    """
    return replace(design_of(path.as_posix(), _read(path), path.parent), path=path.resolve())


def design_of(file: str, data: bytes, folder: Path) -> SurveyFile:
    """The same of a survey that was read already; `file` and `folder` are as in `survey_of`."""
    survey, written = _with_bases(file, data, missing=_NOTHING_RUN)
    return SurveyFile(survey, written, read_named(survey, folder, files_of_design(survey), {}, Missing()))


def survey_alone(path: Path) -> Survey:
    """Read and check a survey and its bases, and none of the files, folders and runs that it names; raises as
    `read_survey`."""
    return _with_bases(path.as_posix(), _read(path))[0]


def _with_bases(file: str, data: bytes, *, missing: bytes = b"") -> tuple[Survey, dict[str, bytes]]:
    """A survey and what it was read from, by path; `missing` counts for keys that it has not."""
    written = {file: data}

    def read(base: str) -> bytes:
        written[base] = _sized(Path(base))
        return written[base]

    known = schema(SURVEY_SCHEMA)
    return load_survey(file, data, known, read, os.environ, services=all_terms(), missing=missing), written


def survey_of(
    file: str,
    data: bytes,
    folder: Path,
    *,
    given: Mapping[str, bytes] | None = None,
    limit: int | None = None,
    skip_missing: bool = False,
) -> SurveyFile:
    """Check a survey that was read already, and read the files that it names; raises as `read_survey`.

    `file` is what messages call it, `folder` where its paths begin; `given` are files that stand on no disk, by path.
    """
    written = {file: data}
    given = given or {}

    def read(base: str) -> bytes:
        written[base] = _sized(Path(base))
        return written[base]

    environment = _AnyVariable(os.environ) if skip_missing else os.environ
    survey = load_survey(file, data, schema(SURVEY_SCHEMA), read, environment, services=all_terms())
    missing = Missing(skip_missing)
    points = points_files(survey, folder, given, missing)
    files = files_of(survey, folder, points, given, missing)
    folders = folders_of(survey, folder, entry_of(survey.service).terms.folders, missing)
    survey = replace(survey, options=_whole_paths(survey, folder))
    runs = runs_of(survey, missing)
    same = same_folders(survey, runs, entry_of(survey.service).terms.folders, missing)
    survey = replace(survey, options={**survey.options, **same})
    absent = tuple(missing.skipped)
    return SurveyFile(survey, written, files, points, runs, limit=limit, folders=folders, absent=absent)


def _read(path: Path) -> bytes:
    try:
        return _sized(path)
    except OSError as error:
        hint = near(path) if isinstance(error, FileNotFoundError) else ""
        remedy = "Give the path of a survey."
        raise UsageError(f"{path.as_posix()}: {error.strerror}{hint}", remedy=remedy) from error


def _sized(path: Path) -> bytes:
    if codec.sniff(beginning_of(path, _SNIFFED_BYTES)):
        raise UsageError(f"{path}: this is a saved plan", remedy=f"Carry it out with: coralrun apply {typed(path)}")
    check_size(path.as_posix(), path.stat().st_size)
    return read_given(path, MAX_SURVEY_BYTES)


class _AnyVariable(ChainMap[str, str]):
    """The environment of a computer that has not all variables: one that it lacks stands for itself."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"${{{name}}}"


def _whole_paths(survey: Survey, folder: Path) -> dict[str, Option]:
    """What a survey says by its service's own keys, with whole paths: a run may be gone on with from anywhere."""
    paths = entry_of(survey.service).terms.paths
    return {
        key: str((folder / str(value)).resolve()) if key in paths else value for key, value in survey.options.items()
    }


def _safe(path: str) -> str:
    name = _UNSAFE.sub("_", path.replace("\\", "/").rpartition("/")[2])
    return name[-_LONGEST_NAME:].lstrip(".") or "file"
