"""`validate`: surveys and the files that they name, checked without a network.

Rule: in a folder every survey is checked; a file that others are built on, or that is no survey, is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coralrun.app.beforehand.address_life import of_inputs
from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.errors import InvalidInput, UsageError
from coralrun.files.given import read_given
from coralrun.spec.load import load, plain

_ENDINGS: Final = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A survey that is valid: what it is called, how it reads in full, and what its owner should know."""

    file: str
    name: str
    sources: int
    service: str
    resolved: Any
    warnings: tuple[str, ...]


def check(path: Path) -> Checked:
    """Check a survey and every file that it reads; raises InvalidInput with all problems, or UsageError."""
    file = read_survey(path)
    inputs = read_inputs(file)
    survey = file.survey
    warnings = (*inputs.warnings, *of_inputs(file, inputs, SystemClock().wall_s()).warnings)
    return Checked(survey.wording.file, survey.name, len(survey.sources), survey.service, file.resolved, warnings)


def shared_runs(surveys: Sequence[Checked]) -> Iterator[str]:
    """What to say of surveys that are one run, by its folder: each would take away what another of them named."""
    by_run: dict[str, list[str]] = {}
    for checked in surveys:
        by_run.setdefault(checked.resolved["outputs"]["directory"], []).append(checked.file)
    for directory, files in by_run.items():
        if len(files) > 1:
            yield (
                f"{' and '.join(files)} are one run, {directory}: what the one names is taken from the other; "
                "give each a `name` of its own, or an `outputs.directory`"
            )


def surveys_of(paths: Sequence[Path]) -> list[Path]:
    """The surveys that are named, and those in folders that are; raises UsageError where a folder has none."""
    found: list[Path] = []
    for path in paths:
        inside = list(_surveys_in(path)) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path}: no survey is in it", remedy="Name a survey, or a folder with some.")
        found += [survey for survey in inside if survey not in found]
    return found


def _surveys_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in _ENDINGS and path.is_file() and not hidden and _names_sources(path):
            yield path


def _names_sources(path: Path) -> bool:
    """Whether a file says which images it is about; one that is no YAML is taken for a survey, and told of."""
    try:
        root = plain(load(path.as_posix(), read_given(path)).root)
    except (InvalidInput, OSError):
        return True
    return isinstance(root, dict) and "sources" in root
