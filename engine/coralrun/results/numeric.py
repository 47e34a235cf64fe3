"""Metadata that are numbers, as numbers.

Rule: a column is numbers where all that is known of it is, as people write them; `01` is a name, and so then are all.
Where several tables have it, it is numbers in all of them or in none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})([.][0-9]{1,15})?")


def are_numbers(values: Iterable[str]) -> bool:
    """Whether all that is known is numbers, and anything is."""
    known = {value for value in values if value}
    return bool(known) and all(_NUMBER.fullmatch(value) for value in known)


def numbers_if_all(values: Sequence[str]) -> pd.arrays.IntegerArray | pd.arrays.FloatingArray | None:
    """Texts as numbers, what is not known as NA; None where any is something else, or all are empty."""
    if not are_numbers(values):
        return None
    without = np.array([not value for value in values], bool)
    if any("." in value for value in values):
        return pd.arrays.FloatingArray(np.array([float(value or 0) for value in values], np.float64), without)
    return pd.arrays.IntegerArray(np.array([int(value or 0) for value in values], np.int64), without)
