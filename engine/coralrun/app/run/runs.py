"""The runs of a folder, and the removal of one.

Rule: only a finished run is removed, and only if every file in it is coralrun's: a thesis that was put there is not.
`run.json` goes first, so that what a crash leaves behind is no run; the lock goes last, so that nobody begins a run
between what is still there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coralrun.app.run.below import runs_below
from coralrun.app.run.paths import RUNS
from coralrun.app.run.remembered import forget
from coralrun.app.run.run_directory import OpenRun, has_predictions, holding, tables_stand
from coralrun.app.run.standing import Standing, seen
from coralrun.errors import RunDamaged, UsageError
from coralrun.files.written import Table
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.provenance.crate import read_crate
from coralrun.store import lock, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, plan_number
from coralrun.store.reviews import Draw, ReviewStore

_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A run in a line; of a damaged one only `run_dir`, `size_bytes` and `damage` are known.

    `missed` images failed or were skipped.
    """

    run_dir: str
    name: str = ""
    service: str = ""
    created_at: str = ""
    standing: Standing | None = None
    images: int = 0
    images_over: int = 0
    missed: int = 0
    size_bytes: int = 0
    damage: str = ""


def runs_in(folder: Path) -> list[Listed]:
    """The runs under a folder, and under its `runs`, newest first, damaged ones last; their plans are not read."""
    disk = Disk()
    places = {layout.root: layout for under in (folder, folder / RUNS) for layout in runs_below(under, disk)}
    found = [_listed(layout, disk) for layout in places.values()]
    return sorted(found, key=lambda run: (not run.damage, run.created_at), reverse=True)


def remove(opened: OpenRun) -> int:
    """Remove a finished run; returns the bytes that this makes free. UsageError where it is not to be removed."""
    layout, disk = opened.layout, opened.disk
    if not opened.state.finished_at or not tables_stand(layout):
        raise UsageError(
            f"{layout.root} is not finished: its replies are all that is left of what was asked",
            remedy="Go on with it (coralrun resume); to give it up, delete the folder yourself.",
        )
    with holding(layout):
        foreign = _foreign(layout, disk)
        if foreign:
            shown = ", ".join(foreign[:_SHOWN]) + (", ..." if len(foreign) > _SHOWN else "")
            raise UsageError(
                f"{layout.root} holds files that are not coralrun's: {shown}",
                remedy="Put them elsewhere first.",
            )
        size = _size(layout.root)
        forget(run.read_identity(layout, disk).run)
        disk.remove(layout.identity)
        for name in disk.names(layout.root):
            if name != layout.lock.name:
                disk.remove_tree(layout.root / name)
        dropped = lock.drop(layout)
    if not dropped:
        lock.drop(layout)  # one that somebody has taken since is in use, and stays
    disk.remove_if_empty(layout.root)
    return size


def _listed(layout: Layout, disk: Disk) -> Listed:
    size = _size(layout.root)
    try:
        identity = run.read_identity(layout, disk)
        state = run.load(layout, disk).state
        units = PlanUnits(state.named)
        in_force = PlanState(state, units)
        counts = in_force.counts()
    except RunDamaged as error:
        return Listed(run_dir=str(layout.root), size_bytes=size, damage=error.message)
    return Listed(
        run_dir=str(layout.root),
        name=identity.name,
        service=identity.service,
        created_at=identity.created_at,
        standing=seen(layout, state)[0],
        images=len(units),
        images_over=sum(counts),
        missed=sum(counts) - counts.succeeded - in_force.reasons()[Reason.NOT_ASKED],
        size_bytes=size,
    )


def _foreign(layout: Layout, disk: Disk) -> list[str]:
    """The files in a finished run's directory that neither coralrun's layout nor the run's provenance knows."""
    try:
        known = set(read_crate(disk.read(layout.crate)).checksums) if has_predictions(layout) else _of_uploads(layout)
    except (ValueError, FileNotFoundError) as error:
        raise RunDamaged(f"{layout.crate}: damaged or missing: {error}") from error
    own = {path.name for path in layout.all_paths()} - {layout.outputs.name, layout.plans.name, layout.reviews.name}
    known |= {layout.reviews_index.relative_to(layout.root).as_posix()}
    known |= {layout.drawn(draw.number).relative_to(layout.root).as_posix() for draw in _draws(layout, disk)}
    names = (path.relative_to(layout.root).as_posix() for path in layout.root.rglob("*") if not path.is_dir())
    return sorted(name for name in names if name not in known and name.partition("/")[0] not in own)


def _of_uploads(layout: Layout) -> set[str]:
    """What a run of photos that were uploaded alone is made of: it has no provenance, for nothing was classified."""
    numbers = (plan_number(name) for name in Disk().names(layout.plans))
    plans = (path for number in numbers if number is not None for path in layout.plan(number).all_paths())
    tables = (layout.outputs / table.file for table in (Table.FAILURES, Table.JOBS))
    return {path.relative_to(layout.root).as_posix() for path in (*plans, *tables)}


def _draws(layout: Layout, disk: Disk) -> tuple[Draw, ...]:
    return ReviewStore(layout, disk).index().all_draws


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
