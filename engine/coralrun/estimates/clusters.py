"""How much an estimate varies that sums up strata which may share design units: the units are the sample.

Rule: what was drawn once is counted once. A site that was visited at two depths lies in two strata and is one unit of
the sample: whatever its depths have in common adds up and does not average out. Taking each depth of it for a unit of
its own makes intervals too narrow.

With r_hj what unit j adds to the estimate in stratum h (its share times its distance from the stratum's mean, so that
the r_hj of a stratum sum to 0) and n_h the units there:

    e_j = sum over its strata of sqrt(n_h / (n_h - 1)) r_hj,    variance = sum e_j^2

(the ultimate clusters of Hansen, Hurwitz & Madow 1953, Sample Survey Methods and Theory). Where no unit is shared this
is the sum of W_h^2 s_h^2 / n_h, and where all units lie in all strata it is n / (n - 1) sum (sum r_hj)^2; the root of
each stratum's own n_h / (n_h - 1) makes it right in between as well, where a few of the units are shared. The degrees
of freedom are n - 1 for each set of strata that share units, directly or through others, n being its units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Parts(NamedTuple):
    """What units add to an estimate: a row for each unit in each stratum (from 0) that it lies in, a column a class."""

    unit: Whole
    stratum: Whole
    residuals: Numbers

    def inside(self, strata: Whole) -> Parts:
        """Those in some of the strata."""
        here = np.isin(self.stratum, strata)
        return Parts(self.unit[here], self.stratum[here], self.residuals[here])


class Mean(NamedTuple):
    """A mean over strata by class, and what each row of units adds to it: its share, and the residual behind that."""

    mean: Numbers
    share: Numbers
    parts: Parts


def mean(values: Numbers, weights: Numbers, unit: Whole, stratum: Whole, areas: Numbers) -> Mean:
    """The weighted mean of rows within strata, joined by the shares of these in the area; NaN where one has no row."""
    totals = np.bincount(stratum, weights, len(areas))
    inside = weights / totals[stratum]
    middles = np.zeros((len(areas), values.shape[1]))
    np.add.at(middles, stratum, inside[:, None] * values)
    middles[totals == 0] = np.nan
    share = areas[stratum] * inside
    return Mean(areas @ middles, share, Parts(unit, stratum, share[:, None] * (values - middles[stratum])))


def variance(parts: Parts) -> Numbers:
    """The variance by class. Every stratum has two units or more."""
    sums: Numbers = _by_unit(parts.unit, parts.residuals * np.sqrt(_corrections(parts.stratum))[:, None])
    found: Numbers = (sums**2).sum(axis=0)
    return found


def covariance(all_units: Parts, some_units: Parts) -> Numbers:
    """That of two estimates by class, of which the second rests on a part of the units of the first."""
    known, place = np.unique(np.concatenate([all_units.unit, some_units.unit]), return_inverse=True)
    first, second = place[: len(all_units.unit)], place[len(all_units.unit) :]
    scaled = some_units.residuals * _corrections(some_units.stratum)[:, None]
    found: Numbers = (_by_unit(first, all_units.residuals, len(known)) * _by_unit(second, scaled, len(known))).sum(
        axis=0
    )
    return found


def degrees(parts: Parts) -> int:
    """The degrees of freedom."""
    return sum(len(np.unique(parts.inside(strata).unit)) - 1 for strata in sharing(parts))


def sharing(parts: Parts) -> list[Whole]:
    """The strata, in sets that share units, directly or through others."""
    _, place = np.unique(parts.unit, return_inverse=True)
    first = np.arange(parts.stratum.max() + 1)
    changed = True
    while changed:
        lowest = np.full(place.max() + 1, len(first))
        np.minimum.at(lowest, place, first[parts.stratum])
        joined = first.copy()
        np.minimum.at(joined, parts.stratum, lowest[place])
        changed = bool((joined != first).any())
        first = joined
    return [np.flatnonzero(first == each) for each in np.unique(first[parts.stratum])]


def _corrections(stratum: Whole) -> Numbers:
    """n / (n - 1) of each row's stratum."""
    n = np.bincount(stratum)[stratum]
    return np.asarray(n / (n - 1), float)


def _by_unit(unit: Whole, values: Numbers, length: int | None = None) -> Numbers:
    """The sum of each unit's rows."""
    if length is None:
        known, unit = np.unique(unit, return_inverse=True)
        length = len(known)
    sums = np.zeros((length, values.shape[1]))
    np.add.at(sums, unit, values)
    return sums
