"""What the process at work on a run is doing and waits for, for others to see: `coralrun status` shows it.

Rule: the note is written again every few seconds, and gone when the process has ended well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.app.run.headway import Headway
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
    _headway: Headway = field(default_factory=Headway)
    _progress: str = ""
    in_jobs: int = 0  # images that jobs have done which are not over

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Write the note again, if it is time."""
        self.watcher.decided(state, decision, now)
        self.in_jobs = state.images_done_in_jobs()
        if self._headway.see(state, now):
            self._progress = self.clock.utc()
        if now - self._written_s >= EVERY_S:
            self._written_s = now
            away, away_s = longest_away(state, now)
            per_s = self._headway.per_s(now)
            note = notice.Notice(
                at=self.clock.utc(),
                doing=doing(state, decision, now)[: notice.MOST_CHARS],
                last_progress=self._progress,
                images_per_hour=per_s * 3600 if per_s else None,
                left_s=self._headway.left_s(state, now),
                away=away,
                away_s=away_s,
                done_in_jobs=self.in_jobs,
            )
            notice.write(self.path, note)

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Pass it on."""
        self.watcher.happened(state, fact)
        if isinstance(fact, facts.Uploaded):
            self._progress = self.clock.utc()


@contextmanager
def noticing(watcher: Watcher, path: Path, clock: Clock) -> Iterator[Noticing]:
    """A watcher that keeps the note while a run is carried out."""
    try:
        yield Noticing(watcher, path, clock)
    finally:
        notice.drop(path)
