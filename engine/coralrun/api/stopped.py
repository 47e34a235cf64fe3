"""A run that a signal stopped: the cells and lines after it would work with tables that are not there.

Rule: a signal is raised once the run is safe on disk; whoever stopped it by an event of their own gets the run.
"""

from __future__ import annotations

from pathlib import Path

from coralrun.errors import EXIT_INTERRUPTED, EXIT_TERMINATED


class Interrupted(KeyboardInterrupt):
    """A call was interrupted, of a run that is safe on disk; a notebook shows what is said of it, and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


def raise_if_stopped(code: int, directory: Path) -> None:
    """Raise for the exit code of a run that a signal stopped: KeyboardInterrupt, or SystemExit for SIGTERM."""
    if code == EXIT_INTERRUPTED:
        again = f'coralrun.open("{directory.as_posix()}").resume()'
        raise Interrupted(f"{directory} is stopped safely. To go on, run the cell again, or: run = {again}")
    if code == EXIT_TERMINATED:
        raise SystemExit(code)
