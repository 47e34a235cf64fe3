"""Which run is meant where none is named.

Rule: the one that was worked on last is: carried on, reviewed, or reported of, whenever it was begun. Where another was
begun later, both may be meant, and whoever asks is told of it. The state of a run is read only until it is known which
one that is: it may be large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coralrun.app.run.below import runs_below
from coralrun.app.run.run_directory import has_predictions, tables_stand
from coralrun.errors import RunDamaged
from coralrun.store import lock, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout


@dataclass(frozen=True, slots=True)
class DefaultRun:
    """A run that nobody named: of how many, and the one that was begun later, where there is such."""

    path: Path
    of: int
    begun_later: Path | None

    def described(self, folder: Path) -> str:
        """Which run it is, and why, in a line."""
        if self.of == 1:
            return f"{self.path}: the only run under {folder}/"
        if self.begun_later is None:
            return f"{self.path}: the run last worked on, of {self.of:,} under {folder}/"
        return f"{self.path}: the run last worked on, though {self.begun_later} was begun later"


def unfinished_run(folder: Path) -> DefaultRun | None:
    """The run under a folder that is to be gone on with."""
    return _choose(folder, lambda path, finished: not finished)


def last_run(folder: Path, *, uploads: bool = False) -> DefaultRun | None:
    """The run under a folder that is to be read; with `uploads` also one of photos that were uploaded alone."""
    return _choose(folder, lambda path, finished: uploads or not finished or has_predictions(Layout(path)))


def run_of(folder: Path, is_its: Callable[[Layout, PlanLayout], bool], *, unfinished: bool = False) -> Path | None:
    """The run under a folder of which `is_its` holds by its plan in force; with `unfinished` one to be gone on with."""
    disk = Disk()
    whole, damaged = _runs(folder, disk)

    def is_meant(path: Path, finished: bool) -> bool:
        layout = Layout(path)
        return not (unfinished and finished) and is_its(layout, layout.plan(run.load(layout, disk).state.plan))

    return next((found.path for found in _in_turn(whole) if _may_be(found, is_meant, disk, damaged)), None)


@dataclass(frozen=True, slots=True)
class _Run:
    path: Path
    run: str
    begun: str
    worked_on: str


def _choose(folder: Path, is_meant: Callable[[Path, bool], bool]) -> DefaultRun | None:
    """The first that may be meant, those that were worked on last before others; a damaged one where no other may."""
    disk = Disk()
    whole, damaged = _runs(folder, disk)
    of = len(whole) + len(damaged)
    rest = iter(_in_turn(whole))
    for chosen in rest:
        if _may_be(chosen, is_meant, disk, damaged):
            later = sorted((run for run in rest if run.begun > chosen.begun), key=lambda run: run.begun, reverse=True)
            other = next((run.path for run in later if _may_be(run, is_meant, disk, damaged)), None)
            return DefaultRun(chosen.path, of, other)
    return DefaultRun(damaged[0], of, None) if damaged else None


def _in_turn(found: list[_Run]) -> list[_Run]:
    """Those that were worked on last before others."""
    return sorted(found, key=lambda run: (run.worked_on, run.begun, run.path), reverse=True)


def _runs(folder: Path, disk: Disk) -> tuple[list[_Run], list[Path]]:
    whole: list[_Run] = []
    damaged: list[Path] = []
    for layout in runs_below(folder, disk):
        try:
            identity = run.read_identity(layout, disk)
        except RunDamaged:
            damaged.append(layout.root)
        else:
            worked_on = _worked_on(layout, identity.created_at)
            whole.append(_Run(layout.root, identity.run, identity.created_at, worked_on))
    return list(_without_kept(whole)), damaged


def _without_kept(found: Iterable[_Run]) -> Iterator[_Run]:
    """All but the copies that were put deeper, to keep them: a copy is not gone on with in place of its run."""
    depth: dict[str, int] = {}
    return (its for its in found if depth.setdefault(its.run, len(its.path.parts)) == len(its.path.parts))


def _worked_on(layout: Layout, begun: str) -> str:
    """When a process took the run's lock last, or its report was made."""
    owner, reported = lock.owner_of(layout), ""
    if layout.report_page.is_file():
        at = datetime.fromtimestamp(layout.report_page.stat().st_mtime, UTC)
        reported = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return max(begun, owner.since if owner is not None else "", reported)


def _may_be(found: _Run, is_meant: Callable[[Path, bool], bool], disk: Disk, damaged: list[Path]) -> bool:
    layout = Layout(found.path)
    try:
        loaded = run.load(layout, disk)
    except RunDamaged:
        damaged.append(found.path)
        return False
    # Without its tables a run is not finished: resuming completes it.
    return is_meant(found.path, bool(loaded.state.finished_at) and tables_stand(layout))
