"""Where a run may go: to a directory with nothing else in it, on a disk with room for its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coralrun.errors import DiskError, UsageError
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

_SHOWN = 3
_HOME = "~"


def check_not_home(path: Path) -> None:
    """Raise UsageError for a path that means the home folder: a folder called `~` would be made, and later removed."""
    if path.parts[:1] == (_HOME,):
        raise UsageError(
            f"{path}: `~` stands for your home folder in a shell without quotes only",
            remedy=f"Write the path in full; in a survey also so: ${{HOME}}{str(path)[1:]}",
        )


def check_place(layout: Layout) -> None:
    """Raise UsageError when a run cannot go to a directory without one: it is a file, or holds what is not ours."""
    check_not_home(layout.root)
    if layout.root.exists() and not layout.root.is_dir():
        raise UsageError(f"{layout.root}: a file, not a directory", remedy="Choose another place with --run-dir.")
    others = run.others(layout, Disk())
    if others:
        raise UsageError(
            f"{layout.root}: holds other files ({', '.join(others[:_SHOWN])}{', ...' if len(others) > _SHOWN else ''})",
            remedy="Choose another place with --run-dir, or empty this one.",
        )


def check_disk(layout: Layout, needed_bytes: int, free_bytes: Callable[[Path], int]) -> None:
    """Raise DiskError when the results will not fit where they are to go."""
    place = layout.root
    while not place.exists():
        place = place.parent
    free = free_bytes(place)
    if free < needed_bytes:
        raise DiskError(
            f"{place}: the results need some {needed_bytes / 1e6:,.2f} MB and {free / 1e6:,.2f} MB are free",
            remedy="Make room, or choose another place with --run-dir.",
        )
