"""Cover corrected by an audit of points that were drawn by what the machine calls them: double sampling for
stratification.

Rule: the machine looked at all points, people at some of each of its classes, so that rare ones get enough. With the
machine's classes g as strata, A_g the share of the survey's area that it calls g, and y_gc the share of the audited
points of g that people call c, each point weighing what it does in cover,

    cover of c = sum over g of A_g y_gc,    bias of c = A_c - cover of c

(two-phase sampling for stratification: Sarndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, chapter 9;
Cochran 1977, section 12.2; the stratified estimator of area of Olofsson and others 2014, Remote Sensing of Environment
148:42-57, here with the machine's classes estimated from units too).

The variance has both phases. A unit adds what its points are expected to be, m_jg y_gc, and of its own audited points
how far they are from that, over their probability; these contributions vary between units as in `clusters` (the
linearised form of the replication variance of Kim, Navarro & Fuller 2006, Journal of the American Statistical
Association 101:312-320). Of it the second phase alone is, by the chances of the draw,

    V_2 = sum over g of A_g^2 s_gc^2 / n_g (1 - n_g / N_g)

The limits are those of the two phases, each at its distance from the estimate, joined as the root of the sum of squares
(Zou & Donner 2008, Statistics in Medicine 27:1693-1702). The first is Korn and Graubard's on the rest of the variance
(for a bias Student's t). The second joins, over g, the limits of each y_gc by Clopper and Pearson on its audited
points: within a class of the machine these are a simple random sample of its points, so clumping is not in them, and
where no error was met it is still bounded.

Points that people find unusable are in the sample and in no cover: all shares are over the share of usable points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.rates import Rows
from coralrun.estimates import clusters
from coralrun.estimates.intervals import CONFIDENCE, Interval, clopper_pearson, independent_points
from coralrun.estimates.rounding import less

METHOD: Final = "two-phase, stratified by the machine's classes"

_HALF: Final = 0.5
_NOTHING: Final = 1e-9

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Audited(NamedTuple):
    """The audited points: the row of units, the machine's class (`stratum`) and people's class of each, -1 for none, by
    number; `weight` is its share of its row's points, `is_usable` whether people find it so."""

    row: Whole
    stratum: Whole
    people: Whole
    weight: Numbers
    is_usable: NDArray[np.bool_]


class TwoPhase(NamedTuple):
    """By class, in shares: cover by the machine and corrected, with its error and limits, and the machine's bias with
    its own; `second` is the variance of the second phase alone."""

    machine: Numbers
    corrected: Numbers
    se: Numbers
    df: Numbers
    limits: Interval
    bias: Numbers
    bias_se: Numbers
    of_bias: Interval
    second: Numbers


@dataclass(frozen=True, slots=True)
class _Phases:
    """Both phases: what the machine says of each row, how units weigh, and what the audit found in each stratum.

    `area` is what each of the machine's strata has of the survey, `n` how many of its points are audited, `left` the
    share of them that is not, `rates` what people call each (a column a class, the last for usable points), `trials`
    what the audited ones are worth.
    """

    machine: Numbers
    rows: Rows
    areas: Numbers
    share: Numbers
    area: Numbers
    n: Whole
    left: Numbers
    rates: Numbers
    trials: Numbers
    distance: Numbers

    @classmethod
    def of(cls, machine: Numbers, points: Whole, rows: Rows, areas: Numbers, audit: Audited) -> _Phases:
        first = clusters.mean(machine, rows.weight, rows.number, rows.stratum, areas)
        strata = machine.shape[1]
        says = np.zeros((len(audit.people), strata + 1))
        known = np.flatnonzero(audit.people >= 0)
        says[known, audit.people[known]] = 1.0
        says[:, -1] = audit.is_usable
        weight = first.share[audit.row] * audit.weight
        totals, squares = (np.bincount(audit.stratum, each, strata) for each in (weight, weight**2))
        has = np.where(totals > 0, totals, 1.0)
        rates = np.zeros((strata, strata + 1))
        np.add.at(rates, audit.stratum, (weight / has[audit.stratum])[:, None] * says)
        n = np.bincount(audit.stratum, minlength=strata)
        left = 1 - n / np.maximum(points, 1)
        distance = np.zeros((len(machine), strata + 1))
        scaled = (first.mean / has)[audit.stratum] * audit.weight
        np.add.at(distance, audit.row, scaled[:, None] * (says - rates[audit.stratum]))
        trials = totals**2 / np.where(squares > 0, squares, 1.0) / np.maximum(left, _NOTHING)
        return cls(
            machine, rows, areas, first.share, first.mean, n, left, rates, np.maximum(trials, _NOTHING), distance
        )

    def mean(self, values: Numbers) -> clusters.Mean:
        """Over units and strata."""
        return clusters.mean(values, self.rows.weight, self.rows.number, self.rows.stratum, self.areas)


def two_phase(machine: Numbers, points: Whole, worth: Numbers, rows: Rows, areas: Numbers, audit: Audited) -> TwoPhase:
    """Correct the cover of classes, each of which is one of the machine's strata, under the same number.

    `machine` has the share of each row's points in each of the machine's strata (columns, which sum to 1; one that is
    no class of people's stays at 0 in the answer); `points` counts those of the run in each; `worth` is what the points
    of a row are worth. Every stratum of the design has two units or more, and every one of the machine's that has
    points two audited ones or more.
    """
    phases = _Phases.of(machine, points, rows, areas, audit)
    expected = machine @ phases.rates
    values = expected + phases.distance
    whole = phases.mean(values).mean
    usable, corrected = whole[-1], whole[:-1] / whole[-1]

    def over_usable(shares: Numbers) -> Numbers:
        linear: Numbers = (shares[:, :-1] - corrected * shares[:, -1:]) / usable
        return linear

    second = _second(phases, usable)
    below, above = _by_counts(phases, usable)
    spread = clusters.spread(phases.mean(over_usable(values)))
    of_bias = clusters.spread(phases.mean(machine - over_usable(values)))
    first, first_of_bias = (
        np.sqrt(np.maximum(found.variance - second, clusters.variance(phases.mean(least).parts)))
        for found, least in ((spread, over_usable(expected)), (of_bias, machine - over_usable(expected)))
    )
    inside = np.clip(corrected, np.minimum(first, _HALF), 1 - np.minimum(first, _HALF))
    trials = independent_points(inside, first, spread.df, 1 / (phases.share**2 / worth).sum())
    lo, hi = clopper_pearson(inside * trials, trials)
    bias, reach = less(phases.area, corrected), _student(of_bias.df) * first_of_bias
    return TwoPhase(
        machine=phases.area,
        corrected=corrected,
        se=np.sqrt(np.maximum(spread.variance, second)),
        df=spread.df,
        limits=Interval(
            np.maximum(corrected - np.hypot(np.maximum(corrected - lo, 0), below), 0),
            np.minimum(corrected + np.hypot(np.maximum(hi - corrected, 0), above), 1),
        ),
        bias=bias,
        bias_se=np.sqrt(np.maximum(of_bias.variance, second)),
        of_bias=Interval(bias - np.hypot(reach, above), bias + np.hypot(reach, below)),
        second=second,
    )


def _second(phases: _Phases, usable: float) -> Numbers:
    """The variance of the second phase alone, by class."""
    rates, n = phases.rates[:, :-1], phases.n
    of_points = rates * (1 - rates) * (phases.left / np.maximum(n - 1, 1))[:, None]
    found: Numbers = ((phases.area / usable)[:, None] ** 2 * of_points).sum(axis=0)
    return found


def _by_counts(phases: _Phases, usable: float) -> tuple[Numbers, Numbers]:
    """How far the limits of the second phase are from the estimate, below and above, by class."""
    rates, area = phases.rates[:, :-1], (phases.area / usable)[:, None]
    trials = np.broadcast_to(phases.trials[:, None], rates.shape)
    lo, hi = clopper_pearson(rates * trials, trials)
    below, above = (np.sqrt(((area * distance) ** 2).sum(axis=0)) for distance in (rates - lo, hi - rates))
    return below, above


def _student(df: Numbers) -> Numbers:
    from scipy.special import stdtrit

    found: Numbers = stdtrit(df, (1 + CONFIDENCE) / 2)
    return found
