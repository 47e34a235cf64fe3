"""Where the runs of a folder are: in it, or some folders deeper, as in one for each year.

Rule: whatever looks for runs looks here, so that a run that one command finds is found by all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from coralrun.errors import DiskError
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

DEEPEST: Final = 3  # ours: `runs/archive/2025/reef`
"""How many folders deep a run is looked for."""


def runs_below(folder: Path, disk: Disk, deep: int = DEEPEST) -> list[Layout]:
    """The runs under a folder, those that are less deep before others; a link is none, whatever it leads to."""
    return sorted(_layouts(folder, disk, deep), key=lambda layout: len(layout.root.parts))


def _layouts(folder: Path, disk: Disk, deep: int) -> Iterator[Layout]:
    """The runs in a folder, and in the folders in it, but for a deeper one that cannot be looked at."""
    for layout in map(Layout, (folder / name for name in disk.names(folder))):
        if layout.root.is_symlink():
            continue
        if run.exists(layout):
            yield layout
        elif deep > 1 and layout.root.is_dir():
            with suppress(DiskError, OSError):
                yield from _layouts(layout.root, disk, deep - 1)
