"""The order in which people expect values: by their numbers, not by their digits."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,18})?")
_DIGITS: Final = re.compile(r"([0-9]{1,18})")  # so long an integer is read whole

Place = tuple[int, float, tuple[str | int, ...], str]


def natural(value: str) -> Place:
    """Where a value stands: none, numbers, then texts, in which numbers count as such (`site2` before `site10`)."""
    if _NUMBER.fullmatch(value):
        return 1, float(value), (), value
    parts = _DIGITS.split(value)
    return 2 if value else 0, 0.0, tuple(int(part) if at % 2 else part for at, part in enumerate(parts)), value
