"""`validate`: surveys and the files that they name, checked without a network.

Rule: in a folder every survey is checked. What says which images is one, and so is what has a name and something that
is run, as one whose images a base names, or that misspelt them: no survey shall be passed over without a word, and one
that is called otherwise, as `reef.yaml.txt`, is named where it is no copy of one beside it. What others are built on is
none: it has no name, and no images of its own or another survey that extends it beside it, or named with it. So are the
copies that runs keep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coralrun.app.beforehand.address_life import of_inputs
from coralrun.app.beforehand.none_left import check_some_left
from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.files.given import read_given
from coralrun.spec.load import load, plain
from coralrun.spec.suggest import folded
from coralrun.spec.wording import Wording
from coralrun.store import run
from coralrun.store.layout import Layout

_ENDINGS: Final = frozenset({".yaml", ".yml"})
_NEARLY: Final = re.compile(r"(.+\.ya?ml)[^a-z0-9].*", re.IGNORECASE)
_RUN: Final = frozenset({"extends", "service", "classifier", "sampling"})
"""Keys of what is run, of which no other file with a version and a name has any."""
_OURS: Final = frozenset({"extends", "classifier", "sampling"})
"""Those of which no file of another program with a name has any: what extends a base leaves the version to it."""
_SOURCES: Final = frozenset({"source", "sources"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A survey that is valid: what it is called, how it reads in full, and what its owner should know.

    `absent` says of each file, folder and run that was not checked why.
    """

    file: str
    name: str
    sources: int
    service: str
    resolved: Any
    warnings: tuple[str, ...]
    absent: tuple[str, ...]
    wording: Wording

    @property
    def directory(self) -> str:
        """Where its run goes."""
        return str(self.resolved["outputs"]["directory"])


def check(path: Path, *, skip_missing: bool = False) -> Checked:
    """Check a survey and every file that it reads; raises InvalidInput with all problems, or UsageError.

    With `skip_missing`, what it names and is not there is passed over, and said.
    """
    file = read_survey(path, skip_missing=skip_missing)
    inputs = read_inputs(file)
    unread = check_some_left(file, inputs)
    survey = file.survey
    foretold = () if file.absent else of_inputs(file, inputs, SystemClock().wall_s()).warnings
    return Checked(
        file=survey.wording.file,
        name=survey.name,
        sources=len(survey.sources),
        service=survey.service,
        resolved=file.resolved,
        warnings=(*inputs.warnings, *unread, *foretold),
        absent=file.absent,
        wording=survey.wording,
    )


def shared_runs(surveys: Sequence[Checked]) -> Iterator[Problem]:
    """A problem for each survey whose run is another one's too: each would take away what the other names."""
    by_run: dict[Path, list[Checked]] = {}
    for checked in surveys:
        by_run.setdefault(Path(checked.directory).resolve(), []).append(checked)
    for same in by_run.values():
        for checked in same if len(same) > 1 else ():
            others = " and ".join(other.file for other in same if other is not checked)
            is_said = ("directory", checked.directory) in checked.wording.places
            word, key = (checked.directory, "directory") if is_said else (checked.name, "name")
            message = (
                f"its run goes to {checked.directory}, as that of {others} does, and each would take away what the "
                f"other names: give it {'an `outputs.directory`' if is_said else 'a `name`'} of its own"
            )
            yield checked.wording.problem(message, word, key)


def surveys_of(paths: Sequence[Path], remark: Callable[[str], None] = lambda text: None) -> list[Path]:
    """The surveys that are named, and those in folders that are; raises UsageError where a folder has none.

    A `remark` is made of what is called otherwise than a survey.
    """
    found: list[Path] = []
    for path in paths:
        inside = _surveys_in(path, remark) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path}: no survey is in it", remedy="Name a survey, or a folder with some.")
        found += [survey for survey in inside if survey not in found]
    return _without_bases(found)


def is_folder_of_surveys(path: Path) -> bool:
    """Whether a path is a folder to look for surveys in: the directory of a run, which keeps copies, is none."""
    return path.is_dir() and not run.exists(Layout(path))


def _surveys_in(folder: Path, remark: Callable[[str], None]) -> list[Path]:
    files = list(_files_in(folder))
    otherwise = ", ".join(file.as_posix() for file in files if _is_called_otherwise(file))
    if otherwise:
        remark(f"passed over, because the name of a survey ends in .yaml or .yml: {otherwise}")
    return [file for file in files if _is_called_survey(file) and _is_survey(file)]


def _files_in(folder: Path) -> Iterator[Path]:
    """All that may be surveys in a folder and below it, but not in a run."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif is_folder_of_surveys(path) and not path.is_symlink():
            yield from _files_in(path)


def _is_called_survey(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS


def _is_called_otherwise(path: Path) -> bool:
    """Whether a file is a survey, and called otherwise by what an editor or a mail has put behind its name."""
    name = None if _is_called_survey(path) else _NEARLY.fullmatch(path.name)
    return name is not None and not path.with_name(name[1]).exists() and _said(path) is not None and _is_survey(path)


def _without_bases(surveys: Sequence[Path]) -> list[Path]:
    """Surveys but for those that have no name, and that others of them are built on: they are checked with these."""
    said = {path: _said(path) or {} for path in surveys}
    bases = {(path.parent / base).resolve() for path, root in said.items() for base in _extended(root)}
    return [path for path in surveys if "name" in said[path] or path.resolve() not in bases]


def _extended(root: Mapping[str, Any]) -> Iterator[str]:
    """The bases that a file names; whether they are named as they must be is found out when it is read."""
    named = root.get("extends")
    yield from (base for base in (named if isinstance(named, list) else [named]) if isinstance(base, str))


def _is_survey(path: Path) -> bool:
    """Whether a file says itself that it is a survey; one that is no YAML is taken for one, and told of."""
    root = _said(path)
    if root is None or "sources" in root:
        return True
    if "name" in root and not root.keys().isdisjoint(_RUN if "version" in root else _OURS):
        return True
    is_ours = not root.keys().isdisjoint({"extends", "version"}) and "levels" not in root  # a group file has a `source`
    return is_ours and not _SOURCES.isdisjoint(map(folded, root))


def _said(path: Path) -> Mapping[str, Any] | None:
    """What a file says at its top; None where it cannot be read."""
    try:
        root = plain(load(path.as_posix(), read_given(path)).root)
    except (InvalidInput, OSError):
        return None
    return root if isinstance(root, dict) else {}
