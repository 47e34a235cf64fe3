"""What the process at work on a run is doing and waits for, for others to see: `coralrun status` shows it.

Rule: the note is written again every few seconds, and gone when the process has ended well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coralrun.app.run.progress import doing, longest_away
from coralrun.driver import Watcher
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.ports import Clock
from coralrun.store import notice

EVERY_S = 5.0


@dataclass(slots=True)
class Noticing:
    """A watcher that passes everything on to another, and keeps the note."""

    watcher: Watcher
    path: Path
    clock: Clock
    _written_s: float = float("-inf")
    _began: tuple[float, int] | None = None
    _over: int = 0
    _progress: str = ""

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Write the note again, if it is time."""
        self.watcher.decided(state, decision, now)
        over = state.durable.units_over
        if self._began is None:
            self._began, self._over = (now, over), over
        if over != self._over:
            self._over, self._progress = over, self.clock.utc()
        if now - self._written_s >= EVERY_S:
            self._written_s = now
            said = doing(state, decision, now)[: notice.MOST_CHARS]
            per_s = self._per_s(now)
            left_s = (state.durable.wanted - over) / per_s if per_s else None
            per_hour = per_s * 3600 if per_s else None
            away, away_s = longest_away(state, now)
            note = notice.Notice(self.clock.utc(), said, self._progress, per_hour, left_s, away, away_s)
            notice.write(self.path, note)

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Pass it on."""
        self.watcher.happened(state, fact)
        if isinstance(fact, facts.Uploaded):
            self._progress = self.clock.utc()

    def _per_s(self, now: float) -> float:
        """Images that ended, by the second, since this process began; 0 while none has."""
        began_s, began_over = self._began or (now, self._over)
        return (self._over - began_over) / (now - began_s) if now > began_s else 0.0


@contextmanager
def noticing(watcher: Watcher, path: Path, clock: Clock) -> Iterator[Noticing]:
    """A watcher that keeps the note while a run is carried out."""
    try:
        yield Noticing(watcher, path, clock)
    finally:
        notice.drop(path)
