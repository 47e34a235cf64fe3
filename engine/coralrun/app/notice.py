"""What the process at work on a run is doing and waits for, for others to see: `coralrun status` shows it.

Rule: the note is written again every few seconds, and gone when the process has ended well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coralrun.app.progress import doing
from coralrun.driver import Watcher
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.ports import Clock
from coralrun.store import notice

EVERY_S = 5.0
FRESH_S = 60.0  # an older note is of a process that hangs or was killed


@dataclass(slots=True)
class Noticing:
    """A watcher that passes everything on to another, and keeps the note."""

    watcher: Watcher
    path: Path
    clock: Clock
    _written_s: float = float("-inf")

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Write the note again, if it is time."""
        self.watcher.decided(state, decision, now)
        if now - self._written_s >= EVERY_S:
            self._written_s = now
            said = doing(state, decision, now)[: notice.MOST_CHARS]
            notice.write(self.path, notice.Notice(self.clock.utc(), said))

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Pass it on."""
        self.watcher.happened(state, fact)


@contextmanager
def noticing(watcher: Watcher, path: Path, clock: Clock) -> Iterator[Noticing]:
    """A watcher that keeps the note while a run is carried out."""
    try:
        yield Noticing(watcher, path, clock)
    finally:
        notice.drop(path)


def read_notice(path: Path, now: datetime | None = None) -> str:
    """What the process at work said of itself within the last minute; "" when there is none."""
    found = notice.read(path)
    try:
        at = datetime.fromisoformat(found.at) if found is not None else None
    except ValueError:  # no day of the calendar
        at = None
    if found is None or at is None:
        return ""
    age_s = ((now or datetime.now(UTC)) - at).total_seconds()
    return found.doing if abs(age_s) <= FRESH_S else ""
