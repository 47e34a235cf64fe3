"""The clock of a world: it jumps, it sleeps with the machine, and its time of day may be wrong.

Rule: `now` is the true time, which the service lives by. What a process counts with is `monotonic`; on some platforms
that stands still while the machine sleeps (`counts_sleep`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
SLEEP_S = 8 * HOUR_S
MONOTONIC_FIRST_S = 1000.0

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class VirtualClock:
    """Implements `ports.Clock`; each process counts from its own zero.

    `wrong_s` is how far the time of day is off, `slept_s` for how long the machine has slept.
    """

    counts_sleep: bool = True
    now: float = 0.0
    wrong_s: float = 0.0
    slept_s: float = 0.0
    _zero_s: float = 0.0
    _day: int = -1
    _date: str = ""

    def begin(self) -> None:
        """A process begins to count."""
        self._zero_s = self.now - MONOTONIC_FIRST_S

    def monotonic(self) -> float:
        """Seconds since the process began, plus a little."""
        return self.now - self._zero_s

    def at(self, monotonic_s: float) -> float:
        """The true time of a moment on the process's clock."""
        return monotonic_s + self._zero_s

    def wall_s(self) -> float:
        """Unix seconds by the machine's own clock."""
        return _BEGIN.timestamp() + self.now + self.wrong_s

    def utc(self) -> str:
        """The time of day by the machine's own clock."""
        day, second = divmod(int(self.now + self.wrong_s), 86_400)
        if day != self._day:
            self._day, self._date = day, (_BEGIN + timedelta(days=day)).date().isoformat()
        return f"{self._date}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    def suspend(self) -> None:
        """The machine sleeps."""
        self.now += SLEEP_S
        self.slept_s += SLEEP_S
        if not self.counts_sleep:
            self._zero_s += SLEEP_S
