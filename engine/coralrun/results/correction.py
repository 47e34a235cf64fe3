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
it. Strata are joined by their area shares W: p = sum W p_h, SE^2 = sum W^2 SE_h^2, df = sum (n_rh - 1).

The interval is Korn and Graubard's, as for cover that is not corrected. The correction can leave a rare class at 0 or
below with an SE that is not: there the interval is that of p = SE, so that it neither closes nor opens to the whole
range. A class that varies nowhere, such as one that nobody has seen, is as uncertain as the patchiest of the others, as
in `cover_estimate`: its points are worth as little, and at the least as much as the number of reviewed units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.results.intervals import clopper_pearson, independent_points

Array = NDArray[np.float64]

FEW_IMAGES: Final = 50
"""Below this number of reviewed images a correction comes with a warning (the difference is then mostly noise)."""

METHOD: Final = "difference estimator"

_HALF: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedUnits:
    """The design units of a survey, a row each, and some classes, a column each; everything in shares from 0 to 1.

    `machine` is over all usable points of a unit, `points` of them in all units; `difference` is people's share minus
    the machine's on the reviewed points, `reviewed_points` of them, and NaN in the rows of units that nobody reviewed.
    `strata` names each unit's stratum, `unit_weights` are its weights in the survey (one each, unless single images are
    the units and were drawn with unequal probabilities), `audit_weights` one over the probability that the audit took
    it.
    """

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
    why; `correction_se` belongs to what was added. `units` and `reviewed` count units, `df` is 0 without an interval.
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
    """Correct the cover of a domain. `areas` are the area shares of its strata and sum to 1."""
    classes = units.machine.shape[1]
    machine, corrected, variance, of_correction = (np.zeros(classes) for _ in range(4))
    df, why = 0, ""
    names = np.array(units.strata, dtype=object)
    seen = ~np.isnan(units.difference).any(axis=1)
    for name, area in areas.items():
        rows = names == name
        m, v = units.machine[rows], units.unit_weights[rows]
        d, w = units.difference[rows & seen], (units.unit_weights * units.audit_weights)[rows & seen]
        reviewed = len(d)
        mean_m = v @ m / v.sum()
        machine += area * mean_m
        if reviewed == 0:
            corrected += np.nan
            why = why or f"{_stratum(name)}no unit is reviewed"
            continue
        mean_d = w @ d / w.sum()
        corrected += area * (mean_m + mean_d)
        if reviewed == 1 or len(m) == 1:
            why = why or f"{_stratum(name)}n = {min(reviewed, len(m))}: no interval"
            continue
        of_correction += area**2 * _of_mean(d - mean_d, w)
        variance += area**2 * (
            _of_mean(d - mean_d, w)
            + _of_mean(m - mean_m, v)
            + 2 * np.maximum(_shared(units.machine[rows & seen], d - mean_d, w), 0) / len(m)
        )
        df += reviewed - 1
    if why:
        nothing = np.full(classes, np.nan)
        return Corrected(
            machine=machine, corrected=np.clip(corrected, 0, 1), correction_se=nothing, se=nothing, lo=nothing,
            hi=nothing, df=0, units=len(units.strata), reviewed=int(seen.sum()), why=why,
        )  # fmt: skip
    se = np.sqrt(variance)
    p = np.clip(corrected, 0, 1)
    lo, hi = _limits(p, se, df, units, int(seen.sum()))
    return Corrected(
        machine=machine, corrected=p, correction_se=np.sqrt(of_correction), se=se, lo=lo, hi=hi, df=df,
        units=len(units.strata), reviewed=int(seen.sum()),
    )  # fmt: skip


def _limits(p: Array, se: Array, df: int, units: AuditedUnits, reviewed: int) -> tuple[Array, Array]:
    """The interval; see the module's docstring for a class at the edge, or one that varies nowhere."""
    inside = np.maximum(p, np.minimum(se, _HALF))
    worth = independent_points(inside, se, float(df), float(units.points))
    known = (se > 0) & (p > 0) & (p < 1)
    fewest = float(worth[known].min()) if known.any() else float(reviewed)
    worth = np.where(se > 0, worth, min(max(fewest, float(reviewed)), units.reviewed_points))
    lo, hi = clopper_pearson(inside * worth, worth)
    return np.minimum(lo, p), np.maximum(hi, p)


def _stratum(name: str) -> str:
    return f"stratum {name}: " if name else ""


def _of_mean(residuals: Array, weights: Array) -> Array:
    """The variance of a weighted mean; with equal weights s^2 / n (Cochran 1977, section 6.13, linearised)."""
    n = len(residuals)
    found: Array = n / (n - 1) * (weights**2 @ residuals**2) / weights.sum() ** 2
    return found


def _shared(machine: Array, residuals: Array, weights: Array) -> Array:
    """The covariance of what the machine says of a unit and what people add to it."""
    n = len(residuals)
    centred = machine - weights @ machine / weights.sum()
    found: Array = n / (n - 1) * (weights @ (centred * residuals)) / weights.sum()
    return found
