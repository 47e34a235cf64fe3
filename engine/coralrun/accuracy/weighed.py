"""Points that both sides labelled, in the design of the survey: what each weighs, and what every unit has of them.

Rule: they stand for the survey's area as its cover does. Within a unit points weigh one over the probability with which
they were chosen; within a stratum units weigh the same, unless they were drawn with unequal probabilities or a field
says what each weighs; strata are joined by their areas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.rates import Rows
from coralrun.accuracy.standing import of_parts
from coralrun.cover.estimate import NO_UNIT, Estimate, Units, estimate, why_none, without_interval
from coralrun.estimates.placed import Placed
from coralrun.estimates.two_stages import Drawn, between_photos_of_parts
from coralrun.review.reviewed import ReviewedPoint, Reviews

Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Points with labels of both sides: the image of each, its weight, that of its unit, and where images are; the
    probabilities of the audit, None where it is none; `part` and `lonely` as in `Chances`."""

    images: Whole
    weight: Numbers
    of_unit: Numbers
    where: Placed
    words: str
    of_audit: Chances | None
    part: Whole
    lonely: NDArray[np.bool_]

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
        part, lonely = np.zeros(len(numbers), np.intp), np.zeros(len(numbers), bool)
        if chances is not None and chances.part is not None and chances.lonely is not None:
            part, lonely = chances.part, chances.lonely
        return cls(numbers, weight, of_unit, where, words, chances, part, lonely)

    def on(self, visit: NDArray[np.bool_], there: Numbers) -> Weighed:
        """Those of one visit, as images say; `there` is how many points each image has.

        An audit is drawn of all visits. On one of them a unit weighs how many of its points those drawn stand for, as
        a share of those that it has there: on average that is 1 for every unit (Hajek), as in `corrected`.
        """
        kept, where = visit[self.images], self.where
        cells, place = np.unique(np.stack([where.stratum, where.unit]), axis=1, return_inverse=True)
        place, n = place.ravel(), cells.shape[1]
        of_cell = where.unit_weights(np.flatnonzero(visit), place[visit], n)
        at = place[self.images]
        if self.of_audit is not None:
            stands_for = np.bincount(at, kept / self.of_audit.point, n)
            has = np.bincount(place, np.where(visit, there, 0.0), n)
            of_cell = of_cell * stands_for / np.where(has > 0, has, 1.0)
        images, weight, of_unit = self.images[kept], self.weight[kept], of_cell[at][kept]
        part, lonely = self.part[kept], self.lonely[kept]
        return replace(self, images=images, weight=weight, of_unit=of_unit, of_audit=None, part=part, lonely=lonely)

    def of_rows(self, rows: Sequence[Whole]) -> NDArray[np.bool_]:
        """Which of some rows, each given by its points, have a lonely point."""
        return np.array([self.lonely[points].any() for points in rows], bool)

    def cells(self) -> tuple[NDArray[np.int64], list[Whole]]:
        """Stratum and unit of each part of a unit that has some of the points, and which points these are."""
        keys = np.stack([self.where.stratum[self.images], self.where.unit[self.images]], axis=1)
        known, place, sizes = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        return known, np.split(np.argsort(place.ravel(), kind="stable"), np.cumsum(sizes)[:-1])


def weighed_audit(reviews: Reviews, where: Placed, there: Numbers) -> tuple[list[ReviewedPoint], Weighed]:
    """The points of a random audit whose image has a unit and a stratum, each with its probabilities; `there` is how
    many points with a result each image has. None of them where the audit tells nothing of some images."""
    drawn = [(p, p.drawn) for p in reviews.audited if p.drawn is not None and not where.nameless[p.image]]
    images = [point.image for point, _ in drawn]
    chances = Chances(
        np.array([draw.inclusion or 1.0 for _, draw in drawn]),
        np.array([draw.unit_inclusion or 1.0 for _, draw in drawn]),
    )
    if images and reviews.parts.apart:
        chances, missing = of_parts(np.array(images, np.intp), reviews.parts, where, there)
        if missing or reviews.parts.untold:
            return [], Weighed.of([], None, where)
    return [point for point, _ in drawn], Weighed.of(images, chances, where)


class Laid(NamedTuple):
    """The same as rows of units: which points each has (`of_row`), their `weights` in it, which sum to 1, the strata's
    shares of the area (None where they cannot be joined), their names, and why there is no interval, "" where there may
    be one. `photos` has the row of each photo, `of_photo` which points it has; `in_all` is how many units there are in
    each stratum, None where that is not known; `part` is that of each photo, `lonely` are the rows
    that have a lonely point."""

    rows: Rows
    of_row: tuple[Whole, ...]
    weights: tuple[Numbers, ...]
    areas: Numbers | None
    names: tuple[str, ...]
    why: str
    photos: NDArray[np.int64]
    of_photo: Whole
    in_all: Numbers | None
    part: Whole
    lonely: NDArray[np.bool_]

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
        row = np.empty(len(points.images), np.int64)
        for at, of_points in enumerate(of_row):
            row[of_points] = at
        _, first, of_photo = np.unique(points.images, return_index=True, return_inverse=True)
        in_all = None if where.in_all is None else where.in_all[present]
        photos, part, lonely = row[first], points.part[first], points.of_rows(of_row)
        laid = cls(rows, tuple(of_row), weights, areas, names, "", photos, of_photo.ravel(), in_all, part, lonely)
        certain = None if in_all is None else laid.drawn(np.zeros((len(first), 1))).certain(rows.stratum)
        why = NO_UNIT if where.unit_fields is None else why_none(names, rows.stratum, certain)
        return laid._replace(why=f"no mean: {where.weighting}" if areas is None else why)

    def drawn(self, residuals: Numbers) -> Drawn:
        """Of how many units, which must be known, the rows were drawn, for a share with such residuals by photo."""
        assert self.in_all is not None  # noqa: S101 - asked for nowhere else
        drawn = Drawn(self.in_all, *between_photos_of_parts(residuals, self.photos, self.part, len(self.of_row)))
        return drawn.without(self.lonely)

    def residuals(self, said: NDArray[np.bool_]) -> Numbers:
        """What each photo adds to its row's share of what was said, less its part of the row's points, by class."""
        weight = np.empty(len(self.of_photo))
        for weights, rows in zip(self.weights, self.of_row, strict=True):
            weight[rows] = weights
        found = np.zeros((len(self.photos), said.shape[1]))
        np.add.at(found, self.of_photo, weight[:, None] * said)
        size = np.bincount(self.of_photo, weight, len(self.photos))
        return found - size[:, None] * self.shares(said)[self.photos]

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
        drawn = None if self.in_all is None else self.drawn(self.residuals(said))
        found = estimate(units, self.areas, self.names, len(said), drawn)
        return without_interval(found.mean, self.why) if self.why else found
