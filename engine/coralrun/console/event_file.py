"""What happens in a run, in a file that a person names, while it is shown as ever.

Rule: lines are added to what is there. A file that can be written no longer ends no run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from coralrun.app.run.events import Both, Events
from coralrun.clock import SystemClock
from coralrun.driver import Watcher
from coralrun.errors import DiskError
from coralrun.store.files import Disk


@contextmanager
def also_written(shown: AbstractContextManager[Watcher], path: Path) -> Iterator[Watcher]:
    """A watcher that also writes events to a file; raises DiskError where it cannot be opened."""
    file = Disk().appender(path)

    def write(line: str) -> None:
        with suppress(DiskError):
            file.append(line.encode())

    try:
        with shown as watcher:
            yield Both(watcher, Events(write, SystemClock().utc))
    finally:
        file.close()
