"""Paths that a person gave: what cannot be read or written there is said before anything else is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coralrun.app.run.places import check_not_home
from coralrun.app.survey.near_path import near
from coralrun.errors import UsageError
from coralrun.files.given import beginning_of
from coralrun.planning import codec
from coralrun.store import run
from coralrun.store.layout import Layout
from coralrun.values.phrases import typed

RUNS: Final = Path("runs")
"""Where runs are looked for if none is named."""
_SNIFFED_BYTES: Final = 100


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Turn what the system refuses about a path (no permission, too long a name) into a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", remedy="Give a path that you may use.") from error


def is_saved_plan(path: Path) -> bool:
    """Whether a file is a saved plan, or a survey; raises UsageError when it is not there or cannot be read."""
    with reaching(path):
        if path.is_dir() or not path.exists():
            what = "a folder" if path.is_dir() else f"no such file{near(path)}"
            remedy = "Give the path of a survey, or of a saved plan."
            if run.exists(Layout(path)):
                remedy = f"It is a run; go on with it: coralrun resume {typed(path)}"
            raise UsageError(f"{path}: {what}", remedy=remedy)
        return codec.sniff(beginning_of(path, _SNIFFED_BYTES))


def check_out(path: Path) -> None:
    """Raise UsageError when a plan cannot be saved at a path, or would take the place of something else."""
    remedy = "Give --out another place."
    folder = path.parent
    with reaching(path):
        if path.is_dir():
            raise UsageError(f"{path}: a folder, not a file", remedy=remedy)
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder", remedy=remedy)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"{folder}: you may not write there", remedy=remedy)
        if path.exists() or path.is_symlink():
            # A file without content has nothing to lose: `mktemp` makes such.
            mine = path.is_file() and ((opening := beginning_of(path, _SNIFFED_BYTES)) == b"" or codec.sniff(opening))
            if not mine:
                raise UsageError(f"{path}: is not a saved plan; it would be overwritten", remedy=remedy)


def check_out_folder(path: Path) -> None:
    """Raise UsageError when a folder of output cannot be made at a path, or holds files already."""
    remedy = "Give --out another place."
    check_not_home(path)
    with reaching(path):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: a file, not a folder", remedy=remedy)
        if path.is_dir() and any(path.iterdir()):
            raise UsageError(f"{path}: it holds files already", remedy=remedy)
