"""Cover corrected by an audit: the difference estimator over design units.

Rule: the machine looked at every unit, people at some of them; what the two disagree by, on the very same points, is
added to what the machine says of all. Nothing but a random audit enters. The machine's error does not cancel out by
itself, so cover that was not corrected has an interval for the sampling of units alone, which need not hold the truth.

With m the machine's cover of a unit, h the people's and d = h - m on the points that both looked at, in a stratum of N
units of which n_r are reviewed:

    p    = mean(m) over all N + mean(d) over the n_r
    SE^2 = s_m^2 / N + s_d^2 / n_r + 2 s_md / N, at the least (1 / n_r - 1 / N) s_d^2

The first two terms are those of two separate samples (Cochran 1977, Sampling Techniques, section 12.2 for two phases;
Sarndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, chapter 9). The units reviewed are some of the N,
though, so the covariance of m and d belongs to it, of either sign. A classifier that blurs classes into each other says
too little where there is much, and without the covariance the interval is too narrow; one that exaggerates says too
much there, and without it the interval is too wide. Where every unit is reviewed SE^2 is s^2(m + d) / N, as if people
had labelled everything. Elsewhere the three terms rest on different units, and the least is what the second phase adds
to that.

Strata are joined by their area shares W: p = sum W p_h. Where they share no unit, SE^2 = sum W^2 SE_h^2. A unit may lie
in several, as a site does that was visited at two depths. Then it is one unit of the sample, as it is in cover: each of
the three terms is that of the sums over a unit's strata, of W (m - mean(m)) / N over all units and of W (d - mean(d)) /
n_r over the reviewed ones. The degrees of freedom are cover's, on the reviewed units (see `clusters`). So
where all is reviewed and nothing differs, SE, df and interval are those of cover which was not corrected.

Where it is known of how many units N_all those N were drawn (see `two_stages`), f = N / N_all, the part that the
drawing of units adds, as if all of them had been reviewed, counts 1 - f, and photos within a unit count f:

    SE^2 = (1 - f) s^2(m + d) / N + (1 / n_r - 1 / N) s_d^2 + f sum c^2 v

with s^2(m + d) = s_m^2 + 2 s_md + s_d^2. v is the variance of a unit's own corrected cover between its photos (see
`second_stage`), that of the reviewed units, for the others too. A set of strata with a unit of which one photo alone
stands for others is taken for few units of very many.

The interval is Korn and Graubard's, as for cover that is not corrected, and with the same most that points are worth.
The correction can leave a class at 0 or below, or at 1 or above, with an SE that is not: there the interval is that of
p = SE, or of p = 1 - SE, so that it neither closes nor opens to the whole range. A class that varies nowhere, such as
one that nobody has seen, counts as one point for each reviewed unit, as in `cover.estimate`.

Where the audit shows no point of a class that the machine missed, SE takes it to miss none, and likewise where it shows
none that it took for the class. There what may have been missed at the most (see `sides`) joins the distance from the
corrected cover to its upper limit, as the root of the sum of squares; what may have been taken for it joins the lower
one, and is no more than the machine calls so in all the survey, as what it missed is no more than it calls otherwise.
Of what is reviewed nothing is unknown: with f the share of the points that are reviewed, the square counts 1 - f.
Where people saw nothing of a class, or nothing else, the limit is at most that of their own cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.second_stage import SecondStage
from coralrun.accuracy.sides import Errors, Sides, errors_of
from coralrun.cover.estimate import Units, no_interval, why_none
from coralrun.estimates import clusters, two_stages
from coralrun.estimates.intervals import Interval, clopper_pearson, effective_points, independent_points

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

METHOD: Final = "difference estimator"

_HALF: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedUnits:
    """The design units of a survey, a row for each stratum that one lies in, and some classes, a column each.

    Everything is in shares from 0 to 1. `machine` is over all usable points of a row, which are worth `points`; `sides`
    are of the reviewed points, worth `reviewed_points`, NaN in the rows that nobody reviewed. `numbers` says which unit
    a row is of, `strata` names its stratum, `unit_weights` are its weights in the survey, `audit_weights` one over the
    probability that the audit took it. `reviewed_share` is the share of all usable points that are reviewed; `photos`
    are those of the rows, None where units are few of very many.
    """

    numbers: Whole
    strata: tuple[str, ...]
    machine: Array
    points: Array
    sides: Sides
    reviewed_points: Array
    unit_weights: Array
    audit_weights: Array
    reviewed_share: float
    photos: SecondStage | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """Cover by class, machine's and corrected. Where there is no interval, `se`, `df`, `lo` and `hi` are NaN and `why`
    says why; `correction_se` belongs to what was added. `unseen` says where most of the interval is for errors
    that the audit does not show. `units` and `reviewed` count units, each once however many strata it lies in.
    """

    machine: Array
    corrected: Array
    correction_se: Array
    se: Array
    df: Array
    lo: Array
    hi: Array
    unseen: NDArray[np.bool_]
    units: int
    reviewed: int
    why: str = ""


def correct(units: AuditedUnits, areas: Mapping[str, float]) -> Corrected:
    """Correct the cover of a domain. `areas` are the area shares of its strata, which have units all, and sum to 1."""
    order = {name: place for place, name in enumerate(areas)}
    stratum = np.array([order[name] for name in units.strata], np.int64)
    seen = np.asarray(~np.isnan(units.sides.human).any(axis=1), bool)
    sides, weights = units.sides.rows(seen), np.array(list(areas.values()), float)
    m = clusters.mean(units.machine, units.unit_weights, units.numbers, stratum, weights)
    reviewed = Units(
        number=units.numbers[seen], stratum=stratum[seen], shares=sides.human - sides.machine,
        points=units.reviewed_points[seen], weight=(units.unit_weights * units.audit_weights)[seen],
    )  # fmt: skip
    d = clusters.mean(reviewed.shares, reviewed.weight, reviewed.number, reviewed.stratum, weights)
    p = np.clip(m.mean + d.mean, 0, 1)
    n, n_reviewed = len(np.unique(units.numbers)), len(np.unique(reviewed.number))
    why = _why(tuple(areas), stratum, reviewed.stratum)
    if why:
        nothing = np.full(len(p), np.nan)
        return Corrected(
            machine=m.mean, corrected=p, correction_se=nothing, se=nothing, df=nothing, lo=nothing, hi=nothing,
            unseen=np.zeros(len(p), bool), units=n, reviewed=n_reviewed, why=why,
        )  # fmt: skip
    stage = None if units.photos is None else units.photos.rows(seen)
    spread = _spread(m, d, stage, tuple(areas))
    se = np.sqrt(spread.variance)
    inside = np.clip(p, np.minimum(se, _HALF), 1 - np.minimum(se, _HALF))
    worth = independent_points(inside, se, spread.df, effective_points(m.share, units.points))
    worth = np.where(se > 0, worth, clusters.effective_units(d))
    seen_limits = clopper_pearson(inside * worth, worth)
    lo, hi = _with_unseen_errors(p, m.mean, se, seen_limits, errors_of(sides, reviewed, weights), sides, units)
    return Corrected(
        machine=m.mean, corrected=p, correction_se=np.sqrt(clusters.variance(d.parts)), se=se, df=spread.df, lo=lo,
        hi=hi, unseen=hi - lo > 2 * (seen_limits.hi - seen_limits.lo), units=n, reviewed=n_reviewed,
    )  # fmt: skip


def _with_unseen_errors(
    p: Array, machine: Array, se: Array, limits: Interval, errors: Errors, sides: Sides, units: AuditedUnits
) -> Interval:
    """The limits with what may have been missed, or taken for a class, where the audit shows none of it."""
    unknown = np.where(se > 0, max(1 - units.reviewed_share, 0.0), 0.0)
    added, missed = (~side.any(axis=0) * unknown for side in (sides.added, sides.missed))
    taken, passed_by = np.minimum(errors.of_added.hi, machine), np.minimum(errors.of_missed.hi, 1 - machine)
    lo = p - np.hypot(np.maximum(p - limits.lo, 0), np.sqrt(added) * taken)
    hi = p + np.hypot(np.maximum(limits.hi - p, 0), np.sqrt(missed) * passed_by)
    lo = np.where((sides.human < 1).any(axis=0), lo, np.maximum(lo, np.minimum(1 - errors.of_added.hi, p)))
    hi = np.where(sides.human.any(axis=0), hi, np.minimum(hi, np.maximum(errors.of_missed.hi, p)))
    return Interval(np.maximum(lo, 0), np.minimum(hi, 1))


def _spread(m: clusters.Mean, d: clusters.Mean, stage: SecondStage | None, names: Sequence[str]) -> clusters.Spread:
    """The variance of corrected cover, as the sum of those of the sets of strata that share units."""
    sets = clusters.sharing(m.parts)
    left = 1 - (np.bincount(d.parts.stratum) / np.bincount(m.parts.stratum))[d.parts.stratum]
    taken = [0.0 if stage is None else _taken(m, d, stage, names, strata) for strata in sets]
    of_sets = []
    for strata, share in zip(sets, taken, strict=True):
        first, second = m.parts.inside(strata), d.parts.inside(strata)
        joint = clusters.variance(first) + clusters.variance(second) + 2 * clusters.covariance(first, second)
        least = clusters.variance(d.parts.scaled(np.sqrt(left)).inside(strata))
        of_sets.append(np.maximum(joint - least, 0) * (1 - share) + least)
    if stage is None or not any(taken):
        return clusters.Spread(np.sum(of_sets, axis=0), clusters.degrees(np.array(of_sets), d, sets))
    return _two_stages(m, d, stage, sets, np.array(taken), np.array(of_sets))


def _taken(m: clusters.Mean, d: clusters.Mean, stage: SecondStage, names: Sequence[str], strata: Whole) -> float:
    """The share of the units of some strata that were drawn; 0 where photos do not tell how they differ."""
    if (stage.reviewed[np.isin(d.parts.stratum, strata)] < two_stages.LEAST_PHOTOS).any():
        return 0.0
    units = np.unique(m.parts.unit[np.isin(m.parts.stratum, strata)])
    return float(len(units) / max(stage.in_all[names[stratum]] for stratum in strata.tolist()))


def _two_stages(
    m: clusters.Mean, d: clusters.Mean, stage: SecondStage, sets: Sequence[Whole], taken: Array, of_sets: Array
) -> clusters.Spread:
    """What the units add, by set of strata, and what photos do, of units that were drawn from a known number."""
    of_all, of_reviewed = (np.bincount(mean.parts.stratum, mean.share**2) for mean in (m, d))
    share_of = np.zeros(len(of_all))
    own, even = np.ones((len(sets), 1)), np.zeros((len(sets), 1))
    for at, strata in enumerate(sets):
        share_of[strata] = taken[at]
        reviewed, units = (len(np.unique(mean.parts.inside(strata).unit)) for mean in (d, m))
        own[at] = clusters.own_degrees(*d.inside(strata))
        even[at] = clusters.squares(*d.inside(strata)) * (1 - taken[at] * reviewed / units)
    rows = np.flatnonzero(share_of[d.parts.stratum] > 0)
    stratum = d.parts.stratum[rows]
    scale = share_of[stratum] * (of_all / of_reviewed)[stratum] * d.share[rows] ** 2
    photos = np.asarray(stage.reviewed[rows, None], float)
    return two_stages.joined(of_sets, own, even, scale[:, None] * stage.within[rows], photos)


def _why(names: tuple[str, ...], units: Whole, reviewed: Whole) -> str:
    """Why there is no interval, of the strata of the units and of those reviewed; "" where there may be one."""
    nowhere = np.flatnonzero(np.bincount(reviewed, minlength=len(names)) == 0).tolist()
    if nowhere:
        return no_interval("no unit is reviewed", names, nowhere)
    return why_none(names, reviewed) or why_none(names, units)
