"""A cell of a table that is not text, as a person would write it.

Rule: no value is nothing, a whole number has no point, and a day has no hour.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time

_MIDNIGHT = time()


def text_of(value: object) -> str:
    """The text of a cell's value; blanks alone are nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:  # beyond it floats skip whole numbers
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text if text.strip() else ""
