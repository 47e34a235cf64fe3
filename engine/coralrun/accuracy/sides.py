"""What people and machine say on the same points, unit by unit, and how large the machine's two errors may be.

Rule: a bias is the difference of two errors, points of a class that the machine missed and points that it took for it,
and each of the two is a share with limits of its own: those of cover, by `cover.estimate`. For a rare class that is not
what the spread of their difference says: where the few points that were reviewed hold no error, or one, that spread is
far too small, and an interval made of it has held the truth in 50 to 80 of 100 samples.

- What was missed is a part of what people call the class, and of what the machine calls something else; what was taken
  for the class the other way round. So its upper limit is never above theirs.
- What was taken for a class is a part of what the machine calls so in the whole run too, of all points and not of the
  reviewed ones alone: the upper limit is never above that of this cover, and nothing where it names the class nowhere.
- An error that no reviewed unit shows counts as one point for each unit in which it could have been seen: those with
  some of what it is a part of. The share of that part has this upper limit, and the part has its own; their product
  bounds it.

The limits of a difference come from those of its two terms (Zou & Donner 2008, Statistics in Medicine 27:1693-1702,
after Newcombe 1998, Statistics in Medicine 17:2635-2650). With a the share that was taken for the class, b the share
that was missed, and r the correlation of the two estimates

    lo = a - b - sqrt((a - lo_a)^2 + (hi_b - b)^2 - 2 r (a - lo_a) (hi_b - b))
    hi = a - b + sqrt((hi_a - a)^2 + (b - lo_b)^2 - 2 r (hi_a - a) (b - lo_b))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Compared
from coralrun.accuracy.photos import PhotoSides
from coralrun.cover.estimate import Units, estimate, spread_of
from coralrun.estimates import clusters
from coralrun.estimates.intervals import Interval, clopper_pearson

_NOTHING: Final = 1e-9  # 1 less a share that is all but for rounding

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Sides(NamedTuple):
    """Reviewed points by unit (a row for each stratum that it lies in) and class, in shares from 0 to 1.

    `human` and `machine` are the shares of the two sides, `missed` what people alone call the class, `added` what the
    machine alone does.
    """

    human: Numbers
    machine: Numbers
    missed: Numbers
    added: Numbers

    @classmethod
    def of(cls, compared: Compared, units: Sequence[NDArray[np.intp]], weights: Numbers) -> tuple[Sides, Numbers]:
        """The sides of units, each given by its points, and what the points of each are worth (Kish 1965).

        A unit in which one side has no usable point is NaN, and worth nothing.
        """
        n = len(compared.names)
        rows = [
            (
                compared.human.shares(points, weights, n),
                compared.machine.shares(points, weights, n),
                compared.human.shares(points, weights, n, compared.machine),
                compared.machine.shares(points, weights, n, compared.human),
            )
            for points in units
        ]
        found = np.array(rows, float).reshape(len(rows), 4, n)
        unknown = np.isnan(found).any(axis=(1, 2))
        found[unknown] = np.nan
        used = (weights[points[compared.human.usable[points]]] for points in units)
        worth = np.array(
            [
                0.0 if nothing or not len(w) else w.sum() ** 2 / (w**2).sum()
                for w, nothing in zip(used, unknown, strict=True)
            ]
        )
        return cls(*found.transpose(1, 0, 2)), worth

    def rows(self, which: NDArray[np.bool_]) -> Sides:
        """Some of the rows."""
        return Sides(*(side[which] for side in self))


class Errors(NamedTuple):
    """The machine's two errors by class, each with its limits, and the correlation of their estimates."""

    missed: Numbers
    of_missed: Interval
    added: Numbers
    of_added: Interval
    correlation: Numbers

    def within(self, most: Numbers) -> Errors:
        """The same where the machine calls no more than so much of the survey each class; infinite: not known."""
        lo, hi = self.of_added
        return self._replace(of_added=Interval(lo, np.minimum(hi, np.maximum(most, self.added))))


def errors_of(sides: Sides, units: Units, areas: Numbers, photos: PhotoSides | None = None) -> Errors:
    """The two errors of reviewed `units`, whose `shares` are not asked for. Every stratum has two units or more.

    `photos` are theirs, where it is known of how many units these were drawn.
    """

    def mean(shares: Numbers) -> clusters.Mean:
        return clusters.mean(shares, units.weight, units.number, units.stratum, areas)

    stages = [None] * 4 if photos is None else [photos.drawn(residuals) for residuals in photos[5:]]
    found = [
        estimate(units._replace(shares=side), areas, ("",) * len(areas), 0, drawn)
        for side, drawn in zip(sides, stages, strict=True)
    ]
    human, machine, missed, added = (Interval(estimated.lo, estimated.hi) for estimated in found)
    both = found[2].se * found[3].se
    apart = None if photos is None else photos.drawn(photos.added - photos.missed)
    together = found[2].se ** 2 + found[3].se ** 2 - spread_of(mean(sides.added - sides.missed), apart).variance
    people_not, machine_not = (Interval(1 - interval.hi, 1 - interval.lo) for interval in (human, machine))
    of_people, of_machine = mean(sides.human), mean(sides.machine)
    return Errors(
        missed=found[2].mean,
        of_missed=_bounded(
            missed, sides.missed, (human, of_people, sides.human), (machine_not, of_machine, 1 - sides.machine)
        ),
        added=found[3].mean,
        of_added=_bounded(
            added, sides.added, (machine, of_machine, sides.machine), (people_not, of_people, 1 - sides.human)
        ),
        correlation=np.where(both > 0, np.clip(together / np.where(both > 0, 2 * both, 1), -1, 1), 0.0),
    )


def _bounded(error: Interval, errors: Numbers, *wholes: tuple[Interval, clusters.Mean, Numbers]) -> Interval:
    """The limits of an error that is a part of each of `wholes`: their limits, how units weigh, their shares."""
    unseen, hi = ~errors.any(axis=0), error.hi
    for whole, weighed, shares in wholes:
        worth = clusters.effective_units(weighed, shares > _NOTHING)
        part = np.where(unseen & (worth > 0), clopper_pearson(0, np.maximum(worth, 1)).hi, 1.0)
        hi = np.minimum(hi, part * whole.hi)
    return Interval(error.lo, hi)


def difference_limits(difference: Numbers, errors: Errors) -> Interval:
    """The limits of what the machine says too much of a class: what it took for the class less what it missed."""
    added_below, added_above = errors.added - errors.of_added.lo, errors.of_added.hi - errors.added
    missed_below, missed_above = errors.missed - errors.of_missed.lo, errors.of_missed.hi - errors.missed
    return Interval(
        difference - _joined(added_below, missed_above, errors.correlation),
        difference + _joined(added_above, missed_below, errors.correlation),
    )


def _joined(first: Numbers, second: Numbers, correlation: Numbers) -> Numbers:
    """The distance from a difference to its limit, from those of its two terms."""
    found: Numbers = np.sqrt(np.maximum(first**2 + second**2 - 2 * correlation * first * second, 0))
    return found
