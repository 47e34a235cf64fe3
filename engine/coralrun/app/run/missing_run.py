"""What to say where no run is.

Rule: people type a run's name without its folder, misspell it, or stand in another folder than they think. Whatever run
they can mean is named as it is typed from here; nothing is taken in its place.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from coralrun.app.run.below import DEEPEST, runs_below
from coralrun.app.run.paths import RUNS
from coralrun.errors import DiskError, UsageError
from coralrun.spec.suggest import suggestion
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.phrases import typed


def no_run_at(root: Path) -> UsageError:
    """That a directory which somebody named holds no run, and what they may have meant."""
    if Layout(root).identity.is_file():
        remedy = "Begin it again: coralrun apply, with its survey or its saved plan."
        return UsageError(f"{root}: holds no run: its start was interrupted", remedy=remedy)
    meant = _meant(root)
    if meant is not None:
        return UsageError(
            f"{root}: holds no run; there is {meant}", remedy=f"If that is meant, name it: {typed(meant)}"
        )
    begun = (
        f" A survey, or a saved plan, is begun and gone on with by: coralrun apply {typed(root)}"
        if root.is_file()
        else ""
    )
    return UsageError(f"{root}: holds no run", remedy=f"Name the directory of a run: the one with a run.json.{begun}")


def no_run_here(*, unfinished: bool) -> UsageError:
    """That no run is where one is looked for if none is named, and where the next ones are, in a folder above."""
    above = next((folder for folder in Path.cwd().parents if _runs_below(folder / RUNS)), None)
    remedy = "Name a run directory, or start with `coralrun apply`."
    if above is not None:
        there = os.path.relpath(above)
        remedy = f"There are runs in {there}, a folder above: `cd {typed(there)}`, or name one of them. {remedy}"
    place = f"under {RUNS}/ in {Path.cwd()}"
    return UsageError(f"no run {place} is unfinished" if unfinished else f"there is no run {place}", remedy=remedy)


def _meant(root: Path) -> Path | None:
    """The run that a path may have meant: beside it, or under `runs/`."""
    if root.is_file():
        return None
    for folder, deep in ((RUNS, DEEPEST), (root.parent, 1)):
        by_name = {found.name: found for found in reversed(_runs_below(folder, deep))}  # of one name the least deep
        name = root.name if root.name in by_name else suggestion(root.name, by_name)
        if name is not None:
            return by_name[name]
    return None


def _runs_below(folder: Path, deep: int = DEEPEST) -> list[Path]:
    """The runs under a folder; none of one that is not there or cannot be looked at."""
    with suppress(OSError, DiskError):
        return [layout.root for layout in runs_below(folder, Disk(), deep)]
    return []
