"""Numbers as tables write them.

Rule: a text is a number only where everybody reads the same one. Python's own reading takes `1_5`, a range or a code of
a transect, for fifteen. `4.000` is four to some and four thousand to others, and so is no whole number.
"""

from __future__ import annotations

import math
import re
from typing import Final

_WHOLE: Final = re.compile(r"[0-9]{1,9}(\.0*)?")  # spreadsheets and pandas write 12.0; 9 digits fit 32 bits
_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}\.000")


def whole(text: str) -> int | None:
    """A whole number from 0, also one written as 12.0; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    return int(float(text)) if _WHOLE.fullmatch(text) and not _THOUSANDS.fullmatch(text) else None


def finite(text: str) -> float | None:
    """A finite number, in digits of ASCII with a point or an exponent; None for anything else."""
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
