"""Differences of sums that may be equal: of weights that are not whole, no sum is exact.

Rule: what two sums differ by is nothing where their rounding alone can make as much. A share of so many weights of 1/p
by areas of 0.3 is right to some 1e-16 of itself; what is left when two that are equal are taken from each other has a
sign and a size by chance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ROUNDING: Final = 1e-12
"""Of a sum, more than rounding makes, and less than one point among all that a survey can have."""


def less(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """The first less the second: 0 where both are the same but for rounding."""
    one, other = np.asarray(first, float), np.asarray(second, float)
    difference = one - other
    return np.where(np.abs(difference) <= _ROUNDING * np.abs(other), 0.0, difference)
