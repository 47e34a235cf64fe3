"""What a worker of our own does about Ctrl-C: nothing. It ends with the process that started it, which decides when.

Rule: a terminal tells Ctrl-C to all processes that it started. A worker that is just being started is spared it by the
thread that starts it, which holds it back; and where no thread can, by what Dask loads in the worker's process once it
is there, by this module's name and the name of its function. The process of Python's that frees what they share frees
it where all are killed, and says no word of that: nothing is wrong with the run.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Final

_NO_WARNING: Final = "ignore:resource_tracker:UserWarning"


@contextmanager
def held_back() -> Iterator[None]:
    """A thread that is started meanwhile has no part in Ctrl-C, nor have the processes that it starts."""
    if sys.platform == "win32":
        yield
        return
    with _quietly():
        resource_tracker.ensure_running()  # the first to start a process does so, and lets its thread have Ctrl-C again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _quietly() -> Iterator[None]:
    """A process of Python's that begins meanwhile warns of no semaphore that is left to it."""
    sys.warnoptions.append(_NO_WARNING)  # which Python hands to each that it starts
    try:
        yield
    finally:
        sys.warnoptions.remove(_NO_WARNING)


def dask_setup(worker: object) -> None:
    """Called by Dask as a worker begins, in the main thread of its process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
