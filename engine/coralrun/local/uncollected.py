"""A stretch of work in which no garbage is collected.

Rule: for what starts or ends a client of Dask. One that could not connect is garbage, and ends in its destructor: there
it waits for the lock of Dask's loops, which whoever starts or ends one holds. Collected by the same thread, both would
wait for ever (distributed 2026: `LoopRunner.start`, `Client.__del__`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage meanwhile, in any thread; as it was before afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
