"""Points that both sides labelled, in the design of the survey: what each weighs, and what every unit has of them.

Rule: they stand for the survey's area as its cover does. Within a unit points weigh one over the probability with which
they were chosen; within a stratum units weigh the same, unless they were drawn with unequal probabilities or a field
says what each weighs; strata are joined by their areas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.rates import Rows
from coralrun.cover.estimate import Estimate, Units, estimate, why_none, without_interval
from coralrun.estimates.placed import Placed
from coralrun.review.reviewed import ReviewedPoint

NO_UNIT = "the survey names no design unit: no interval"

Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Points with labels of both sides: the image of each, its weight, that of its unit, and where images are."""

    images: Whole
    weight: Numbers
    of_unit: Numbers
    where: Placed
    words: str

    @classmethod
    def of(cls, images: Sequence[int], chances: Chances | None, where: Placed) -> Weighed:
        """The points on these images; without `chances` all of them were as likely."""
        numbers = np.array(images, np.intp)
        cells, place = np.unique(np.stack([where.stratum, where.unit]), axis=1, return_inverse=True)
        units = where.unit_weights(np.arange(len(where.weight)), place.ravel(), cells.shape[1])
        weight, of_unit = where.weight[numbers], units[place.ravel()[numbers]]
        if chances is None:
            words = "labelled images taken for a random part of the run, because nothing says how they were chosen"
        else:
            weight, of_unit = weight / chances.point, of_unit / chances.unit
            words = "points weighed by the probabilities of the audit"
        if where.strata != ("",):
            words += f"; {where.weighting}"
        return cls(numbers, weight, of_unit, where, words)

    def cells(self) -> tuple[NDArray[np.int64], list[Whole]]:
        """Stratum and unit of each part of a unit that has some of the points, and which points these are."""
        keys = np.stack([self.where.stratum[self.images], self.where.unit[self.images]], axis=1)
        known, place, sizes = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        return known, np.split(np.argsort(place.ravel(), kind="stable"), np.cumsum(sizes)[:-1])


def weighed_audit(audited: Sequence[ReviewedPoint], where: Placed) -> tuple[list[ReviewedPoint], Weighed]:
    """The points of a random audit whose image has a unit and a stratum, each with its probabilities."""
    drawn = [(point, point.drawn) for point in audited if point.drawn is not None and not where.nameless[point.image]]
    chances = Chances(
        np.array([draw.inclusion or 1.0 for _, draw in drawn]),
        np.array([draw.unit_inclusion or 1.0 for _, draw in drawn]),
    )
    return [point for point, _ in drawn], Weighed.of([point.image for point, _ in drawn], chances, where)


class Laid(NamedTuple):
    """The same as rows of units: which points each has (`of_row`), their `weights` in it, which sum to 1, the strata's
    shares of the area (None where they cannot be joined), their names, and why there is no interval, "" where there may
    be one."""

    rows: Rows
    of_row: tuple[Whole, ...]
    weights: tuple[Numbers, ...]
    areas: Numbers | None
    names: tuple[str, ...]
    why: str

    @classmethod
    def of(cls, points: Weighed) -> Laid:
        """Lay out some points."""
        where, (known, of_row) = points.where, points.cells()
        present, stratum = np.unique(known[:, 0], return_inverse=True)
        names = tuple(where.strata[number] for number in present)
        areas: Numbers | None = np.ones(1)
        if where.areas is not None:
            areas = where.areas[present] / where.areas[present].sum()
        elif len(present) > 1:
            areas = None
        weights = tuple(points.weight[rows] / points.weight[rows].sum() for rows in of_row)
        rows = Rows(known[:, 1], stratum.ravel(), np.array([points.of_unit[rows[0]] for rows in of_row]))
        why = NO_UNIT if where.unit_fields is None else why_none(names, rows.stratum)
        if areas is None:
            why = f"no mean: {where.weighting}"
        return cls(rows, tuple(of_row), weights, areas, names, why)

    def shares(self, said: NDArray[np.bool_]) -> Numbers:
        """What share of the points of each row has something, by class (a column of `said`)."""
        return np.array([weights @ said[rows] for weights, rows in zip(self.weights, self.of_row, strict=True)])

    def squares(self, said: NDArray[np.bool_]) -> Numbers:
        """The sum of the squared weights of these points, by row and class."""
        return np.array([weights**2 @ said[rows] for weights, rows in zip(self.weights, self.of_row, strict=True)])

    def estimate(self, said: NDArray[np.bool_]) -> Estimate:
        """The share of the survey's points that has something, by class, as `cover.estimate` has it."""
        if self.areas is None:
            return without_interval(np.full(said.shape[1], np.nan), self.why)
        rows, shares = self.rows, self.shares(said)
        worth = np.array([1 / (weights**2).sum() for weights in self.weights])
        units = Units(rows.number, rows.stratum, shares, worth, rows.weight)
        found = estimate(units, self.areas, self.names, len(said))
        return without_interval(found.mean, self.why) if self.why else found
