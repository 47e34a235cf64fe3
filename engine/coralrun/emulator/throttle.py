"""The two sliding windows that every API caller stands under.

Rule: as the real framework does, both windows are asked about every request. A window that lets a request through
counts it even when the other refuses it, and a refused request is not counted by the window that refused it.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from coralrun.emulator import protocol


@dataclass(slots=True)
class Window:
    """At most `most` requests in any `length_s` seconds, for each caller."""

    most: int
    length_s: float
    _times: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, caller: str, now: float) -> float | None:
        """None if the request is let through, else the seconds until one will be."""
        times = self._times[caller]
        while times and times[0] <= now - self.length_s:
            times.popleft()
        if len(times) >= self.most:
            return self.length_s - (now - times[0])
        times.append(now)
        return None


@dataclass(slots=True)
class Throttle:
    """Both windows together."""

    burst: Window = field(default_factory=lambda: Window(protocol.REQUESTS_PER_MINUTE, 60.0))
    sustained: Window = field(default_factory=lambda: Window(protocol.REQUESTS_PER_HOUR, 3600.0))

    def admit(self, caller: str, now: float) -> int | None:
        """None if the request is let through, else the whole seconds to wait."""
        waits = [window.admit(caller, now) for window in (self.burst, self.sustained)]
        refusals = [wait for wait in waits if wait is not None]
        return math.ceil(max(refusals)) if refusals else None
