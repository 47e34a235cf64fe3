"""What the process at work on a run is doing and waits for, told to others: `coralrun status` shows it.

Rule: a note for people, in a file of its own that is written anew every few seconds, never synced, and gone when the
process has ended well. Nothing depends on it: a note that cannot be written or read is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coralrun.cli.progress import doing
from coralrun.driver import Watcher
from coralrun.errors import DiskError
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.ports import Clock
from coralrun.store.files import Disk

EVERY_S = 5.0
FRESH_S = 60.0  # an older note is of a process that hangs or was killed
_MOST_CHARS = 500


@dataclass(slots=True)
class Noticing:
    """A watcher that passes everything on to another, and keeps the note."""

    watcher: Watcher
    path: Path
    clock: Clock
    _written_s: float = float("-inf")

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Write the note anew, if it is time."""
        self.watcher.decided(state, decision, now)
        if now - self._written_s >= EVERY_S:
            self._written_s = now
            _write(self.path, {"at": self.clock.utc(), "doing": doing(state, decision, now)[:_MOST_CHARS]})

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Pass it on."""
        self.watcher.happened(state, fact)


@contextmanager
def noticing(watcher: Watcher, path: Path, clock: Clock) -> Iterator[Noticing]:
    """A watcher that keeps the note while a run is carried out."""
    try:
        yield Noticing(watcher, path, clock)
    finally:
        drop_notice(path)


def drop_notice(path: Path) -> None:
    """No process is at work any more: the note goes."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _write(path: Path, note: dict[str, str]) -> None:
    with suppress(DiskError):
        Disk().note(path, json.dumps(note, ensure_ascii=False).encode() + b"\n")


def read_notice(path: Path, now: datetime | None = None) -> str:
    """What the process at work said of itself within the last minute; "" when there is none."""
    try:
        note = json.loads(path.read_bytes())
        at = datetime.strptime(note["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        said = str(note["doing"])[:_MOST_CHARS]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    age_s = ((now or datetime.now(UTC)) - at).total_seconds()
    return said if abs(age_s) <= FRESH_S else ""
