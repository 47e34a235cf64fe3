"""The two clocks of the contract: one that moves by hand, and the real one."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class HandClock:
    """A clock that moves only by hand; `Clock` of the service and of the client."""

    time_s: float = 1_795_364_610.25

    def now(self) -> float:
        return self.time_s

    def monotonic(self) -> float:
        return self.time_s

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.time_s += seconds


class RealClock:
    """Real time, for a live server."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
