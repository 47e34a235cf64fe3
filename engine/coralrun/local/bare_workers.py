"""Workers of our own begin without the script that calls us.

Rule: a process that is spawned runs the caller's script again, as far as that does not guard itself, and a script that
carries out a plan would carry it out in each worker. A worker needs nothing of it. Processes that are no workers of
Dask begin as ever.
"""

from __future__ import annotations

from multiprocessing import spawn
from typing import Any, Final

_WORKER: Final = "Dask Worker process"
_usual: Final = spawn.get_preparation_data


def begin_without_script() -> None:
    """Have workers begin so from now on."""
    setattr(spawn, _usual.__name__, _prepared)


def _prepared(name: str) -> dict[str, Any]:
    told: dict[str, Any] = _usual(name)
    if name.startswith(_WORKER):
        told = {key: value for key, value in told.items() if not key.startswith("init_main_from")}
    return told
