"""The names of files that are not whole yet: `.run.json.<16 hexadecimal digits>.new` is to become `run.json`.

Rule: a temporary name is new each time and nobody can guess it, so nothing can lie in wait under it. What a process
that was killed has left under one is known by its form, and is removed by whoever next holds the run (`lock.sweep`).
"""

from __future__ import annotations

import re
from pathlib import Path
from secrets import token_hex

_RANDOM_BYTES = 8
_FORM = re.compile(r"\.(.+)\.[0-9a-f]{16}\.new", re.DOTALL)


def beside(path: Path) -> Path:
    """A new temporary name in the folder of a file."""
    return path.with_name(f".{path.name}.{token_hex(_RANDOM_BYTES)}.new")


def final_name(name: str) -> str:
    """The name that a file under a temporary one was to get; "" for any other name."""
    match = _FORM.fullmatch(name)
    return match[1] if match else ""
