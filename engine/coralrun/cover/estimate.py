"""The mean cover of a set of design units, with its standard error and its interval.

Rule: the design unit is what was drawn independently, so only differences between units tell how certain a mean is;
points and photos within a unit are subsamples of it. In stratum h with n_h units of shares p_hj:

    p_h = mean of p_hj            (weighted by 1 / inclusion probability where single images are the units)
    p   = sum W_h p_h             W_h: the stratum's share of the area
    se  = sqrt(sum W_h^2 s_h^2 / n_h),  df = sum (n_h - 1)

(Cochran 1977, Sampling Techniques, chapters 5 and 11; with unequal weights the linearised variance of a ratio of his
section 6.) The interval is Korn and Graubard's (see `intervals`). A stratum with one unit has no s_h: then there is no
interval, and the reason is said.

A unit may lie in several strata, as a site does that was visited at two depths. Then it is one unit of the sample, and
what its strata have in common is in the standard error (see `clusters`). Where no unit is shared that is the formula
above.

A class that was never seen (or that is all there is) has se = 0, which says nothing. Its limit then takes the points to
be worth as little as those of the patchiest label that was seen in the same units, and at the least as much as the
number of units, which needs no assumption about how it grows: were its mean p, the chance to miss it in N
independent units is at most (1 - p)^N, however clumped it is.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates import clusters
from coralrun.estimates.intervals import clopper_pearson, effective_points, independent_points

METHOD: Final = "Korn-Graubard"

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Units(NamedTuple):
    """Design units, each once in every stratum (from 0) that it lies in: its number, its `shares` by class, what its
    `points` are worth, and its `weight` there."""

    number: Whole
    stratum: Whole
    shares: Numbers
    points: Numbers
    weight: Numbers


class Estimate(NamedTuple):
    """Shares by class; `se`, `lo`, `hi` are NaN where there is no interval, and `method` says how or why not.

    `fewest` is how many independent points those of the patchiest class are worth, 0 where no class tells.
    """

    mean: Numbers
    se: Numbers
    df: int
    lo: Numbers
    hi: Numbers
    method: tuple[str, ...]
    fewest: float = 0.0


def estimate(
    units: Units, areas: Numbers, names: tuple[str, ...], n_points: int, fewest: float | None = None
) -> Estimate:
    """Estimate the mean of every class; `areas` are the strata's shares (summing to 1), `names` what they are called.

    `n_points` counts the points behind the units, for the words about classes that were never seen; `fewest` is that of
    the labels of the same units, None where these classes are the labels.
    """
    share = np.zeros(len(units.points))  # of each unit in the estimate
    middles = np.zeros((len(areas), units.shares.shape[1]))
    single = []
    for stratum, area in enumerate(areas):
        here = units.stratum == stratum
        weight = units.weight[here] / units.weight[here].sum()
        middles[stratum] = weight @ units.shares[here]
        share[here] = area * weight
        if here.sum() == 1:
            single.append(names[stratum])
    mean = areas @ middles
    if single:
        return _without(mean, _why(single, len(areas)))
    numbers, place = np.unique(units.number, return_inverse=True)
    parts = clusters.Parts(units.number, units.stratum, share[:, None] * (units.shares - middles[units.stratum]))
    df = clusters.degrees(parts)
    never, always = ~units.shares.any(axis=0), (units.shares == 1).all(axis=0)
    mean = np.where(always, 1.0, mean)  # the sum of the weights is 1 but for rounding
    silent, se = never | always, np.sqrt(clusters.variance(parts))
    worth = independent_points(mean, se, df, effective_points(share, units.points))
    if fewest is None:
        fewest = float(worth[~silent].min()) if not silent.all() else 0.0
    floor = effective_points(np.bincount(place, share), np.ones(len(numbers)))
    worth = np.where(silent, max(fewest, floor), worth)
    lo, hi = clopper_pearson(np.clip(mean, 0, 1) * worth, worth)
    behind = f"{len(numbers)} units, {n_points} points"
    method = np.where(never, f"{METHOD}; not seen in {behind}", np.where(always, f"{METHOD}; all of {behind}", METHOD))
    return Estimate(mean, se, df, lo, hi, tuple(method.tolist()), fewest)


def only_means(shares: Numbers, areas: Numbers, why: str) -> Estimate:
    """The same without an interval; `shares` by stratum and class."""
    return _without(areas @ shares, why)


def _without(mean: Numbers, why: str) -> Estimate:
    none = np.full(len(mean), np.nan)
    return Estimate(mean, none, 0, none, none, (why,) * len(mean))


def _why(single: list[str], n_strata: int) -> str:
    if n_strata == 1:
        return "n = 1: no interval"
    strata = ", ".join(f"`{name}`" for name in single)
    return f"no interval: n = 1 in {'stratum' if len(single) == 1 else 'strata'} {strata}"
