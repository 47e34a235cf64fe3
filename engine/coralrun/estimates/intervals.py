"""Confidence intervals for a proportion, 95 % each: arrays in, arrays out, as shares from 0 to 1.

Rule: an interval never leaves 0 to 1 and never has no width. SciPy is imported when the first one is worked out.

Sources:
- `clopper_pearson`: Clopper & Pearson 1934, Biometrika 26:404-413, with the limits as quantiles of the beta
  distribution, which also serves counts that are not whole.
- `wilson`: Wilson 1927, JASA 22:209-212 (the score interval).
- `korn_graubard`: Korn & Graubard 1998, Survey Methodology 24:193-201. The number of independent points that would give
  the same standard error, `p (1 - p) / se^2`, is cut by `(t_points / t_df)^2` because `se` is itself estimated from few
  units, is never more than the points there are, and goes into Clopper & Pearson's limits.
- `effective_points`: Kish 1965, Survey Sampling: the size of the equally weighted sample that is worth a weighted one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE: Final = 0.95
_TAIL: Final = (1 - CONFIDENCE) / 2

Shares = NDArray[np.float64]


class Interval(NamedTuple):
    """The two limits, as shares."""

    lo: Shares
    hi: Shares


def clopper_pearson(seen: ArrayLike, trials: ArrayLike) -> Interval:
    """The exact interval of `seen` out of `trials`; neither need be whole, `0 <= seen <= trials`, `trials > 0`."""
    from scipy.special import betaincinv

    x, n = np.broadcast_arrays(np.asarray(seen, float), np.asarray(trials, float))
    rest = np.maximum(n - x, 0.0)
    some, more = np.where(x > 0, x, 1.0), np.where(rest > 0, rest, 1.0)
    lo = np.where(x > 0, betaincinv(some, rest + 1, _TAIL), 0.0)
    hi = np.where(rest > 0, betaincinv(x + 1, more, 1 - _TAIL), 1.0)
    return Interval(lo, hi)


def wilson(seen: ArrayLike, trials: ArrayLike) -> Interval:
    """The score interval of `seen` out of `trials > 0`."""
    from scipy.special import ndtri

    x, n = np.asarray(seen, float), np.asarray(trials, float)
    z = float(ndtri(1 - _TAIL))
    p, scale = x / n, 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / scale
    half = z / scale * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    lo = np.where(x > 0, np.maximum(middle - half, 0.0), 0.0)
    hi = np.where(x < n, np.minimum(middle + half, 1.0), 1.0)
    return Interval(lo, hi)


def independent_points(p: ArrayLike, se: ArrayLike, df: ArrayLike, points: ArrayLike) -> Shares:
    """How many independent points an estimate is worth.

    `points` are those of the estimate (`effective_points` where it weights them), `df >= 1` its degrees of freedom.
    """
    from scipy.special import stdtrit

    p, se, df, points = (np.asarray(value, float) for value in (p, se, df, points))
    spread = np.where(se > 0, se, 1.0)
    worth = np.where(se > 0, p * (1 - p) / spread**2, points)
    cut = (stdtrit(np.maximum(points - 1, 1.0), 1 - _TAIL) / stdtrit(df, 1 - _TAIL)) ** 2
    return np.asarray(np.minimum(worth * cut, points), float)


def korn_graubard(p: ArrayLike, se: ArrayLike, df: ArrayLike, points: ArrayLike) -> Interval:
    """The interval of a cover estimated with a standard error; parameters as for `independent_points`."""
    worth = independent_points(p, se, df, points)
    return clopper_pearson(np.asarray(p, float) * worth, worth)


def effective_points(weights: ArrayLike, points: ArrayLike) -> float:
    """What points are worth that are weighted unit by unit: `weights` sum to 1, `points` is how many each unit has."""
    return float(1 / np.sum(np.asarray(weights, float) ** 2 / np.asarray(points, float)))
