"""User's and producer's accuracy: of what one side calls a class, the share that the other side calls so too.

Rule: they are estimated of the survey's area as cover is, not of the points that happen to be labelled: the confusion
matrix is one of shares, in which points weigh one over their probability, units as in cover and strata by their areas
(Olofsson and others 2013, Remote Sensing of Environment 129:122-131, and 2014, 148:42-57; Stehman 2014, International
Journal of Remote Sensing 35:4923-4939, where strata are no classes of the map). Where units have equally many points
and nothing weighs, these are the plain shares of the counts.

With y_j the share of a unit's points that both sides call the class, and x_j the share that the one side does,

    R = y / x,    the residual of a unit is that of y_j - R x_j, over x

(y and x the means over units and strata: Cochran 1977, Sampling Techniques, section 6.13, R's `svyratio`), and its
variance that of `clusters`. The interval is Korn and Graubard's, on what the points of the class are worth (Kish 1965).
Units without a point of the class say nothing of R, so they are left out of the degrees of freedom: these are at most
the units that have some, less their strata, and where that is none there is no interval. Where all points of the class
agree, or none, that counts as one point for each unit that has some (Kish's number of them), as in `cover.estimate`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.cover.estimate import spread_of
from coralrun.estimates import clusters
from coralrun.estimates.intervals import clopper_pearson, independent_points
from coralrun.estimates.two_stages import Drawn

_NOTHING: Final = 1e-12  # a share or an error that is none but for rounding

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Rate(NamedTuple):
    """A share from 0 to 1 with its standard error, its 95 % limits and the units that have points of the class; NaN
    where not known."""

    share: float = nan
    se: float = nan
    lo: float = nan
    hi: float = nan
    units: int = 0


class Rates(NamedTuple):
    """The same by class, as arrays."""

    share: Numbers
    se: Numbers
    lo: Numbers
    hi: Numbers
    units: Whole

    def of(self, which: int) -> Rate:
        """That of one class."""
        return Rate(
            float(self.share[which]),
            float(self.se[which]),
            float(self.lo[which]),
            float(self.hi[which]),
            int(self.units[which]),
        )


class Rows(NamedTuple):
    """Design units, each once in every stratum (from 0) that it lies in, with its `weight` there."""

    number: Whole
    stratum: Whole
    weight: Numbers


class RatePhotos(NamedTuple):
    """What photos add to `both` and to `one`, less their part of it, by class; `drawn` says of how many units the rows
    were drawn, for a share with such residuals."""

    both: Numbers
    one: Numbers
    drawn: Callable[[Numbers], Drawn]


def rates(
    both: Numbers,
    one: Numbers,
    squares: Numbers,
    rows: Rows,
    areas: Numbers,
    *,
    has_interval: bool,
    photos: RatePhotos | None = None,
) -> Rates:
    """What share `both` is of `one`, by class; rows as `rows`, in shares of each row's points.

    `squares` is the sum of the squared weights of the points behind `one`, with the weights of a row's points summing
    to 1; `areas` are the strata's shares; `photos` are those of the rows, where it is known of how many units these
    were drawn. Without `has_interval` there are shares alone.
    """
    whole = clusters.mean(one, rows.weight, rows.number, rows.stratum, areas)
    part = clusters.mean(both, rows.weight, rows.number, rows.stratum, areas)
    known = whole.mean > _NOTHING
    x = np.where(known, whole.mean, 1.0)
    share = np.where(known, part.mean / x, nan)
    has = one > _NOTHING
    units, strata = _present(rows.number, has), _present(rows.stratum, has)
    nothing = np.full(len(x), nan)
    if not has_interval:
        return Rates(share, nothing, nothing, nothing, units)
    ratio = np.where(known, share, 0.0)
    residuals = (part.parts.residuals - ratio * whole.parts.residuals) / x
    drawn = None if photos is None else photos.drawn((photos.both - ratio * photos.one) / x)
    spread = spread_of(whole._replace(parts=whole.parts._replace(residuals=residuals)), drawn)
    se = np.sqrt(np.maximum(spread.variance, 0))
    df = np.minimum(spread.df, units - strata)
    usable = known & (df > 0)
    worth = x**2 / np.maximum((whole.share[:, None] ** 2 * squares).sum(axis=0), _NOTHING**2)
    one_sided = (ratio < _NOTHING) | (ratio > 1 - _NOTHING)
    trials = independent_points(ratio, np.where(one_sided, 0, se), np.where(usable, df, 1), np.maximum(worth, 1))
    trials = np.where(one_sided, np.maximum(_units_of(whole, one), 1), trials)
    lo, hi = clopper_pearson(np.clip(ratio, 0, 1) * trials, trials)
    se, lo, hi = (np.where(usable, found, nan) for found in (se, lo, hi))
    return Rates(share, se, lo, hi, units)


def _present(number: Whole, has: NDArray[np.bool_]) -> Whole:
    """How many of the things that rows are of have a row that has some, by class."""
    known, place = np.unique(number, return_inverse=True)
    found = np.zeros((len(known), has.shape[1]), bool)
    np.logical_or.at(found, place.ravel(), has)
    return np.asarray(found.sum(axis=0), np.int64)


def _units_of(whole: clusters.Mean, one: Numbers) -> Numbers:
    """How many units of equal weight those are worth that have the class, each by what it has of it (Kish)."""
    known, place = np.unique(whole.parts.unit, return_inverse=True)
    sums = np.zeros((len(known), one.shape[1]))
    np.add.at(sums, place.ravel(), whole.share[:, None] * one)
    squares = (sums**2).sum(axis=0)
    return np.asarray(sums.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1), float)
