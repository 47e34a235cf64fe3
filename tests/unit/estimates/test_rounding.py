"""Sums that are equal differ by nothing."""

from __future__ import annotations

import numpy as np

from coralrun.estimates.rounding import less


def test_what_rounding_makes_of_equal_sums_is_nothing() -> None:
    thirds, few = [0.1 + 0.2, -0.3, np.nan], [0.3, -(0.1 + 0.2), 1.0]
    assert np.array_equal(less(thirds, few), [0.0, 0.0, np.nan], equal_nan=True)
    assert less(0.3, 0.3 - 1e-9) == 0.3 - (0.3 - 1e-9), "one point of a thousand million"
    assert less(1e-300, 0.0) == 1e-300
