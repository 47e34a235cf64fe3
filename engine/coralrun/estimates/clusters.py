"""How much an estimate varies that sums up strata which may share design units: the units are the sample.

Rule: what was drawn once is counted once. A site that was visited at two depths lies in two strata and is one unit of
the sample: whatever its depths have in common adds up and does not average out. Taking each depth of it for a unit of
its own makes intervals too narrow.

With r_hj what unit j adds to the estimate in stratum h (its share times its distance from the stratum's mean, so that
the r_hj of a stratum sum to 0) and n_h the units there:

    e_j = sum over its strata of sqrt(n_h / (n_h - 1)) r_hj,    variance = sum e_j^2

(the ultimate clusters of Hansen, Hurwitz & Madow 1953, Sample Survey Methods and Theory). Where no unit is shared this
is the sum of W_h^2 s_h^2 / n_h, and where all units lie in all strata it is n / (n - 1) sum (sum r_hj)^2; the root of
each stratum's own n_h / (n_h - 1) makes it right in between as well, where a few of the units are shared.

Strata that share units, directly or through others, are one set, with n - 1 degrees of freedom for its n units. Where
these have unequal shares c in the estimate, as sites that weigh as their areas do, the large ones decide the variance,
and there are (n - 1) / n (sum c^2)^2 / sum c^4 (Satterthwaite's again, were units as different whatever their size; so
Bell & McCaffrey 2002, Survey Methodology 28:169-181, of regressions). Those of all sets together are Satterthwaite's
(Cochran 1977, Sampling Techniques, equation 5.16): with V_s the variance of a set,

    df = (sum V_s)^2 / sum (V_s^2 / (n_s - 1))

because a stratum of large area with three units decides the variance of the whole, which is then known as badly as from
three units, however many the other strata have. V_s is taken once as found, by class, and once as it would be were
units as different in one stratum as in any other, by the design alone; the smaller df counts. The first by itself
follows chance: three units that happen to be alike look like a stratum that does not matter. The second by itself is
wrong where a class grows in one of the strata. Where strata count alike the second is the units less the strata.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates.rounding import less

_ALL_ALIKE: Final = 1 - 1e-12  # but for rounding

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

    def scaled(self, times: Numbers) -> Parts:
        """The same with each row's residuals times a number."""
        return self._replace(residuals=self.residuals * times[:, None])


class Mean(NamedTuple):
    """A mean over strata by class, and what each row of units adds to it: its share, and the residual behind that."""

    mean: Numbers
    share: Numbers
    parts: Parts

    def inside(self, strata: Whole) -> tuple[Parts, Numbers]:
        """The parts and the shares of the rows that lie in some of the strata."""
        return self.parts.inside(strata), self.share[np.isin(self.parts.stratum, strata)]


def mean(values: Numbers, weights: Numbers, unit: Whole, stratum: Whole, areas: Numbers) -> Mean:
    """The weighted mean of rows within strata, joined by the shares of these in the area; NaN where one has no row."""
    totals = np.bincount(stratum, weights, len(areas))
    inside = weights / totals[stratum]
    middles = np.zeros((len(areas), values.shape[1]))
    np.add.at(middles, stratum, inside[:, None] * values)
    middles[totals == 0] = np.nan
    share = areas[stratum] * inside
    return Mean(areas @ middles, share, Parts(unit, stratum, share[:, None] * less(values, middles[stratum])))


class Spread(NamedTuple):
    """The variance of a mean by class, and its degrees of freedom."""

    variance: Numbers
    df: Numbers


def spread(found: Mean) -> Spread:
    """How much a mean varies between samples. Every stratum has two units or more."""
    sets = sharing(found.parts)
    of_sets = np.array([variance(found.parts.inside(strata)) for strata in sets])
    return Spread(of_sets.sum(axis=0), degrees(of_sets, found, sets))


def degrees(of_sets: Numbers, found: Mean, sets: list[Whole]) -> Numbers:
    """The degrees of freedom by class of a variance that is the sum `of_sets` (a row each), on the units of a mean."""
    own = np.array([own_degrees(*found.inside(strata)) for strata in sets])
    even = np.array([squares(*found.inside(strata)) for strata in sets])
    by_design = even.sum() ** 2 / (even**2 / own).sum()
    total = of_sets.sum(axis=0)
    found_df = total**2 / np.where(total > 0, (of_sets**2 / own[:, None]).sum(axis=0), 1)
    return np.asarray(np.where(total > 0, np.minimum(found_df, by_design), by_design), float)


def own_degrees(parts: Parts, share: Numbers) -> float:
    """Those of strata that are one sample: their units less the sets that these make by themselves, and fewer where
    units count differently.
    """
    n, sums = len(np.unique(parts.unit)), _by_unit(parts.unit, share[:, None])
    alike = float((sums**2).sum() ** 2 / (sums**4).sum() / n)
    return max(1.0, (n - len(sharing(parts))) * (alike if alike < _ALL_ALIKE else 1.0))


def squares(parts: Parts, share: Numbers) -> float:
    """What the variance is in proportion to, were units as different everywhere."""
    return float((_by_unit(parts.unit, share[:, None]) ** 2).sum())


def variance(parts: Parts) -> Numbers:
    """The variance by class. Every stratum has two units or more."""
    n = np.bincount(parts.stratum)[parts.stratum]
    found: Numbers = (_by_unit(parts.unit, parts.scaled(np.sqrt(n / (n - 1))).residuals) ** 2).sum(axis=0)
    return found


def covariance(all_units: Parts, some_units: Parts) -> Numbers:
    """That of two estimates by class, of which the second rests on a part of the units of the first."""
    known, place = np.unique(np.concatenate([all_units.unit, some_units.unit]), return_inverse=True)
    n = np.bincount(some_units.stratum)[some_units.stratum]
    sums = np.zeros((2, len(known), all_units.residuals.shape[1]))
    np.add.at(sums[0], place[: len(all_units.unit)], all_units.residuals)
    np.add.at(sums[1], place[len(all_units.unit) :], some_units.scaled(n / (n - 1)).residuals)
    return np.asarray(sums.prod(axis=0).sum(axis=0), float)


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
    return [np.flatnonzero(first == group) for group in np.unique(first[parts.stratum])]


def effective_units(found: Mean, among: NDArray[np.bool_] | None = None) -> Numbers:
    """How many units of equal weight those of a mean are worth (Kish 1965, Survey Sampling), by class.

    `among` are the rows that count, by class; 0 where none does.
    """
    counted = np.ones_like(found.parts.residuals, bool) if among is None else among
    sums = _by_unit(found.parts.unit, found.share[:, None] * counted)
    squares = (sums**2).sum(axis=0)
    return np.asarray(sums.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1), float)


def _by_unit(unit: Whole, values: Numbers) -> Numbers:
    """The sum of each unit's rows."""
    known, place = np.unique(unit, return_inverse=True)
    sums = np.zeros((len(known), values.shape[1]))
    np.add.at(sums, place, values)
    return sums
