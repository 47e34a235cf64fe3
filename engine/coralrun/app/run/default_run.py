"""Which run is meant where none is named.

Rule: the newest is, and the state of a run is read only until it is known which one that is: it may be large.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coralrun.app.run.run_directory import has_predictions, tables_stand
from coralrun.errors import RunDamaged
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout


def unfinished_runs(folder: Path) -> Iterator[Path]:
    """The run directories under a folder that are not finished, newest first."""
    return (path for path, finished in _runs(folder) if not finished)


def newest_run(folder: Path, *, uploads: bool = False) -> Path | None:
    """The newest run directory under a folder; with `uploads` also one of photos that were uploaded alone."""
    found = (path for path, finished in _runs(folder) if uploads or not finished or has_predictions(Layout(path)))
    return next(found, None)


def _runs(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The runs under a folder with whether each is finished, newest first; damaged ones come last, as unfinished."""
    disk = Disk()
    found: list[tuple[str, Path]] = []
    damaged: list[Path] = []
    for layout in map(Layout, (folder / name for name in disk.names(folder))):
        if run.exists(layout) and not layout.root.is_symlink():
            try:
                identity = run.read_identity(layout, disk)
            except RunDamaged:
                damaged.append(layout.root)
            else:
                found.append((identity.created_at, layout.root))
    for _, path in sorted(found, reverse=True):
        try:
            loaded = run.load(Layout(path), disk)
        except RunDamaged:
            damaged.append(path)
        else:  # without its tables a run is not finished: resuming completes it
            yield path, bool(loaded.state.finished_at) and tables_stand(Layout(path))
    yield from ((path, False) for path in damaged)
