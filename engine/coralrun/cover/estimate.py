"""The mean cover of a set of design units, with its standard error and its interval.

Rule: the design unit is what was drawn independently, so only differences between units tell how certain a mean is;
points and photos within a unit are subsamples of it. In stratum h with n_h units of shares p_hj:

    p_h = mean of p_hj            (weighted by 1 / inclusion probability where single images are the units)
    p   = sum W_h p_h             W_h: the stratum's share of the area
    se  = sqrt(sum W_h^2 s_h^2 / n_h)

(Cochran 1977, Sampling Techniques, chapters 5 and 11; with unequal weights the linearised variance of a ratio of his
section 6.) The interval is Korn and Graubard's (see `intervals`). A stratum with one unit has no s_h: then
there is no interval, and the reason is said.

A unit may lie in several strata, as a site does that was visited at two depths. Then it is one unit of the sample, and
what its strata have in common is in the standard error. Where no unit is shared that is the formula above. This and the
degrees of freedom stand in `clusters`.

A class that was never seen (or that is all there is) has se = 0, which says nothing of how it grows. It then counts as
one point for each unit (Kish's number of them, where they weigh differently). That needs no assumption: were its mean
p, the chance to miss it in N independent units is at most (1 - p)^N, however clumped it is. What other classes do tells
nothing about this one.

Where it is known of how many units those here were drawn, the standard error stands in `two_stages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates import clusters, two_stages
from coralrun.estimates.intervals import clopper_pearson, effective_points, independent_points
from coralrun.estimates.two_stages import Drawn

METHOD: Final = "Korn-Graubard"
NOT_SEEN: Final = "not seen in"
NO_UNIT: Final = "no interval: the survey names no design unit"

_ROUNDING: Final = 1e-12
"""By how much weights that sum to 1 may miss it: far less than the share of any point."""

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
    """Shares by class; `se`, `df`, `lo`, `hi` are NaN where there is no interval; `method` says how or why not."""

    mean: Numbers
    se: Numbers
    df: Numbers
    lo: Numbers
    hi: Numbers
    method: tuple[str, ...]


def estimate(units: Units, areas: Numbers, names: Sequence[str], n_points: int, drawn: Drawn | None = None) -> Estimate:
    """Estimate the mean of every class; `areas` are the strata's shares (summing to 1), `names` what they are called.

    `n_points` counts the points behind the units, for the words about classes that were never seen. `drawn` is None
    where units are few of very many.
    """
    found = clusters.mean(units.shares, units.weight, units.number, units.stratum, areas)
    if why := why_none(names, units.stratum, None if drawn is None else drawn.certain(units.stratum)):
        return without_interval(found.mean, why)
    never, always = ~units.shares.any(axis=0), (units.shares > 1 - _ROUNDING).all(axis=0)
    mean = np.where(always, 1.0, found.mean)
    spread = spread_of(found, drawn)
    se = np.sqrt(spread.variance)
    worth = independent_points(mean, se, spread.df, effective_points(found.share, units.points))
    worth = np.where(never | always, clusters.effective_units(found), worth)
    lo, hi = clopper_pearson(np.clip(mean, 0, 1) * worth, worth)
    behind = f"{len(np.unique(units.number)):,} units, {n_points:,} points"
    method = np.where(never, f"{METHOD}; {NOT_SEEN} {behind}", np.where(always, f"{METHOD}; all of {behind}", METHOD))
    return Estimate(mean, se, spread.df, lo, hi, tuple(method.tolist()))


def spread_of(found: clusters.Mean, drawn: Drawn | None) -> clusters.Spread:
    """How much a mean varies between samples, of few units of very many (None) or of a known number of them."""
    return clusters.spread(found) if drawn is None else two_stages.spread(found, drawn)


def only_means(shares: Numbers, areas: Numbers, why: str) -> Estimate:
    """The same without an interval; `shares` by stratum and class."""
    return without_interval(areas @ shares, why)


def without_interval(mean: Numbers, why: str) -> Estimate:
    """Means alone, by class."""
    none = np.full(len(mean), np.nan)
    return Estimate(mean, none, none, none, none, (why,) * len(mean))


def why_none(names: Sequence[str], stratum: Whole, certain: NDArray[np.bool_] | None = None) -> str:
    """Why there is no interval; "" where every stratum has two units or more, or is `certain`. `names` are those of the
    strata.
    """
    alone = np.bincount(stratum, minlength=len(names)) == 1
    single = np.flatnonzero(alone if certain is None else alone & ~certain).tolist()
    return no_interval("n = 1", names, single) if single else ""


def no_interval(why: str, names: Sequence[str], which: Sequence[int]) -> str:
    """A reason why there is no interval, with those of the strata that it holds in; one without others has no name."""
    if len(names) == 1:
        return f"no interval: {why}"
    strata = ", ".join(f"`{names[place]}`" for place in which)
    return f"no interval: {why} in {'stratum' if len(which) == 1 else 'strata'} {strata}"
