"""The one clock.

Rule: everything that counts time counts on `monotonic`, which goes on while the machine sleeps wherever the platform
has such a clock: a signed URL grows old in a suspended laptop too.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def _sleep_counting() -> int | None:
    """The platform's clock that counts sleep too, None where there is none: a kernel, or what stands in for one, may
    not know a clock that Python has a name for, and says EINVAL."""
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    try:
        if clock is not None:
            time.clock_gettime(clock)
    except OSError:
        return None
    return clock


_SLEEP_COUNTING = _sleep_counting()


class SystemClock:
    """`ports.Clock` on this machine."""

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic() if _SLEEP_COUNTING is None else time.clock_gettime(_SLEEP_COUNTING)

    def utc(self) -> str:
        """The time of day, ISO 8601, whole seconds."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def wall_s(self) -> float:
        """Unix seconds: only for records that several processes share."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        time.sleep(seconds)
