"""What a worker of our own does about Ctrl-C: nothing. It ends with the process that started it, which decides when.

Rule: loaded by Dask in the worker's process alone, by this module's name and the name of its function.
"""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Called by Dask as a worker begins, in the main thread of its process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
