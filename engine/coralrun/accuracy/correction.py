"""Cover corrected by an audit: the difference estimator over design units.

Rule: the machine looked at every unit, people at some of them; what the two disagree by, on the very same points, is
added to what the machine says of all. Nothing but a random audit enters. The machine's error does not cancel out by
itself, so cover that was not corrected has an interval for the sampling of units alone, which need not hold the truth.

With m the machine's cover of a unit, h the people's and d = h - m on the points that both looked at, in a stratum of N
units of which n_r are reviewed:

    p    = mean(m) over all N + mean(d) over the n_r
    SE^2 = s_d^2 / n_r + s_m^2 / N + 2 max(0, s_md) / N

The first two terms are those of two separate samples (Cochran 1977, Sampling Techniques, section 12.2 for two phases;
Sarndal, Swensson and Wretman 1992, chapter 9). The units reviewed are some of the N, though, so the covariance of m and
d belongs to it: a classifier that blurs classes into each other says too little where there is much, s_md is positive,
and without it the interval is too narrow. It is estimated from few units, so it may widen the interval, never narrow
it.

Strata are joined by their area shares W: p = sum W p_h. Where they share no unit, SE^2 = sum W^2 SE_h^2 and
df = sum (n_rh - 1). A unit may lie in several, as a site does that was visited at two depths. Then it is one unit of
the sample, as it is in cover: each of the three terms is that of the sums over a unit's strata, of W (m - mean(m)) / N
over all units and of W (d - mean(d)) / n_r over the reviewed ones (see `clusters`). So where all is reviewed and
nothing differs, the SE is that of cover which was not corrected.

The interval is Korn and Graubard's, as for cover that is not corrected. The correction can leave a rare class at 0 or
below with an SE that is not: there the interval is that of p = SE, so that it neither closes nor opens to the whole
range. A class that varies nowhere, such as one that nobody has seen, is as uncertain as the patchiest of the others, as
in `cover.estimate`: its points are worth as little, and at the least as much as the number of reviewed units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates import clusters
from coralrun.estimates.intervals import clopper_pearson, effective_points, independent_points

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

FEW_IMAGES: Final = 50
"""Below this number of reviewed images a correction comes with a warning (the difference is then mostly noise)."""

METHOD: Final = "difference estimator"

_HALF: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedUnits:
    """The design units of a survey, a row for each stratum that one lies in, and some classes, a column each.

    Everything is in shares from 0 to 1. `machine` is over all usable points of a row, `points` of them in all rows;
    `difference` is people's share minus the machine's on the reviewed points, `reviewed_points` of them, and NaN in the
    rows that nobody reviewed. `numbers` says which unit a row is of, `strata` names its stratum, `unit_weights` are its
    weights in the survey (one each, unless single images are the units and were drawn with unequal probabilities),
    `audit_weights` one over the probability that the audit took it.
    """

    numbers: Whole
    strata: tuple[str, ...]
    machine: Array
    difference: Array
    unit_weights: Array
    audit_weights: Array
    points: int
    reviewed_points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """Cover by class, machine's and corrected. Where there is no interval, `se`, `lo` and `hi` are NaN and `why` says
    why; `correction_se` belongs to what was added. `units` and `reviewed` count units, each once however many strata it
    lies in; `df` is 0 without an interval.
    """

    machine: Array
    corrected: Array
    correction_se: Array
    se: Array
    lo: Array
    hi: Array
    df: int
    units: int
    reviewed: int
    why: str = ""


def correct(units: AuditedUnits, areas: Mapping[str, float]) -> Corrected:
    """Correct the cover of a domain. `areas` are the area shares of its strata, which have units all, and sum to 1."""
    order = {name: place for place, name in enumerate(areas)}
    stratum = np.array([order[name] for name in units.strata], np.int64)
    seen = ~np.isnan(units.difference).any(axis=1)
    weights = np.array(list(areas.values()), float)
    m = clusters.mean(units.machine, units.unit_weights, units.numbers, stratum, weights)
    d = clusters.mean(
        units.difference[seen], (units.unit_weights * units.audit_weights)[seen], units.numbers[seen], stratum[seen],
        weights,
    )  # fmt: skip
    p = np.clip(m.mean + d.mean, 0, 1)
    counted, reviewed = len(np.unique(units.numbers)), len(np.unique(units.numbers[seen]))
    why = _why(tuple(areas), np.bincount(stratum, minlength=len(areas)), stratum[seen])
    if why:
        nothing = np.full(len(p), np.nan)
        return Corrected(
            machine=m.mean, corrected=p, correction_se=nothing, se=nothing, lo=nothing, hi=nothing, df=0, units=counted,
            reviewed=reviewed, why=why,
        )  # fmt: skip
    of_correction = clusters.variance(d.parts)
    se = np.sqrt(of_correction + clusters.variance(m.parts) + 2 * _shared(m.parts, d.parts))
    df = clusters.degrees(d.parts)
    _, place = np.unique(units.numbers[seen], return_inverse=True)
    lo, hi = _limits(p, se, df, units, effective_points(np.bincount(place, d.share), np.ones(reviewed)))
    return Corrected(
        machine=m.mean, corrected=p, correction_se=np.sqrt(of_correction), se=se, lo=lo, hi=hi, df=df, units=counted,
        reviewed=reviewed,
    )  # fmt: skip


def _shared(machine: clusters.Parts, difference: clusters.Parts) -> Array:
    """The covariance of what the machine says and what people add, of each set of strata that share units, if above 0.

    It stands by itself in each set, so that strata which have no unit in common are corrected each.
    """
    found = np.zeros(machine.residuals.shape[1])
    for strata in clusters.sharing(machine):
        found += np.maximum(clusters.covariance(machine.inside(strata), difference.inside(strata)), 0)
    return found


def _why(names: tuple[str, ...], units: Whole, reviewed: Whole) -> str:
    """Why there is no interval: the first stratum that does not let it be; "" where all of them do."""
    for name, there, seen in zip(names, units, np.bincount(reviewed, minlength=len(names)), strict=True):
        if seen == 0:
            return f"{_stratum(name)}no unit is reviewed"
        if seen == 1 or there == 1:
            return f"{_stratum(name)}n = 1: no interval"
    return ""


def _limits(p: Array, se: Array, df: int, units: AuditedUnits, least: float) -> tuple[Array, Array]:
    """The interval; see the module's docstring for a class at the edge, or one that varies nowhere.

    `least` is what the reviewed units are worth, as many as they are where all count the same.
    """
    inside = np.maximum(p, np.minimum(se, _HALF))
    worth = independent_points(inside, se, float(df), float(units.points))
    known = (se > 0) & (p > 0) & (p < 1)
    fewest = float(worth[known].min()) if known.any() else least
    worth = np.where(se > 0, worth, min(max(fewest, least), units.reviewed_points))
    lo, hi = clopper_pearson(inside * worth, worth)
    return np.minimum(lo, p), np.maximum(hi, p)


def _stratum(name: str) -> str:
    return f"stratum {name}: " if name else ""
