"""Ctrl-C and SIGTERM, as a flag that the loop looks at; a second Ctrl-C ends the process at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from coralrun.errors import EXIT_INTERRUPTED, EXIT_TERMINATED


@dataclass(slots=True)
class SignalFlag:
    """Set by the first signal; `exit_code` is the one that belongs to it."""

    exit_code: int = 0

    def is_set(self) -> bool:
        """Whether the process was asked to stop."""
        return self.exit_code != 0


@contextmanager
def listening() -> Iterator[SignalFlag]:
    """Turn SIGINT and SIGTERM into a flag for the time of a run."""
    flag = SignalFlag()

    def note(number: int, frame: FrameType | None) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.exit_code = EXIT_TERMINATED if number == signal.SIGTERM else EXIT_INTERRUPTED

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
