"""Ctrl-C and SIGTERM, as a flag that the loop looks at; a second Ctrl-C ends the process at once.

Rule: a second SIGTERM says what the first did: `timeout` sends one to the process and one to its group. Signals reach
the main thread alone. A run in another thread, as programs have, is stopped by whoever started it, through the
reporter.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from coralrun.errors import EXIT_INTERRUPTED, EXIT_TERMINATED


@dataclass(slots=True)
class SignalFlag:
    """Set by the first signal, or while `is_cancelled` says so; `exit_code` is the one that belongs to it."""

    is_cancelled: Callable[[], bool]
    exit_code: int = 0

    def is_set(self) -> bool:
        """Whether the run was asked to stop."""
        if self.exit_code == 0 and self.is_cancelled():
            self.exit_code = EXIT_INTERRUPTED
        return self.exit_code != 0


@contextmanager
def listening(is_cancelled: Callable[[], bool] = lambda: False) -> Iterator[SignalFlag]:
    """Turn SIGINT and SIGTERM into a flag for the time of a run, where they can be."""
    flag = SignalFlag(is_cancelled)
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return

    def note(number: int, frame: FrameType | None) -> None:
        if flag.exit_code and number == signal.SIGINT:
            raise KeyboardInterrupt
        flag.exit_code = flag.exit_code or (EXIT_TERMINATED if number == signal.SIGTERM else EXIT_INTERRUPTED)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
