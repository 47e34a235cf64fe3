"""How Ctrl-C ends a command: quietly and with the code for interruptions, whenever it comes.

Rule: while the program is loaded, and once its command has ended, an interrupt ends the process where it stands: there
is nothing to say and nothing to tidy up. In between it is Python's own, which runs through the command and lets it tidy
up; unless the command computes in libraries that are not Python. An interrupt that runs through such a library ends in
its `abort`, and so does the interpreter's end while a thread is in one. Such a command is left where it stands too,
with a word.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from coralrun.errors import EXIT_INTERRUPTED


def leave_quietly() -> None:
    """From now on an interrupt ends the process at once."""
    signal.signal(signal.SIGINT, lambda number, frame: end_now(EXIT_INTERRUPTED))


def end_now(code: int) -> NoReturn:
    """End the process: no thread is waited for, and the interpreter is not taken down around those that compute."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, RuntimeError, ValueError):  # full, written to at this moment, or closed
            stream.flush()
    os._exit(code)


@contextmanager
def interruptible(say: Callable[[], None] | None) -> Iterator[None]:
    """For the time of a command an interrupt is Python's own; with `say` it ends the process after that was said.

    Signals reach the main thread alone, and a program that calls has its own ways.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        if say is not None:
            with suppress(RuntimeError):  # a line is being written at this moment
                say()
        end_now(EXIT_INTERRUPTED)

    before = signal.signal(signal.SIGINT, signal.default_int_handler if say is None else leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
