"""How the labelled photos of one unit differ in what both sides say of them: the second stage, where it is known of how
many units those here were drawn.

Rule: as in `two_stages`. A photo adds to the share of its unit the weight of its points of the class; what it adds more
than its part of the unit's usable points is its residual. So the variance is that of a ratio, as the share is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Compared, Side
from coralrun.estimates.two_stages import Drawn, between_photos_of_parts
from coralrun.results.groupings import NOWHERE

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class PhotoSides(NamedTuple):
    """By photo: the row of units that it belongs to, its part of the row, and what it adds by class to the shares of
    the row (see `Sides`).

    `in_all` is how many units there are in each stratum; `n_rows` counts the rows; `lonely` are those of which a photo
    alone of its part stands for others.
    """

    in_all: Numbers
    n_rows: int
    row: Whole
    part: Whole
    lonely: NDArray[np.bool_]
    human: Numbers
    machine: Numbers
    missed: Numbers
    added: Numbers

    @classmethod
    def of(
        cls,
        compared: Compared,
        of_row: Sequence[NDArray[np.intp]],
        images: Whole,
        weights: Numbers,
        in_all: Numbers,
        part: Whole,
        lonely: NDArray[np.bool_],
    ) -> PhotoSides:
        """The photos of rows that are given by their points; `images` has the photo of each point, `part` its part."""
        n_points, n_rows = len(weights), len(of_row)
        row = np.full(n_points, -1, np.int64)
        for at, points in enumerate(of_row):
            row[points] = at
        here = np.flatnonzero(row >= 0)
        _, first, photo_here = np.unique(images[here], return_index=True, return_inverse=True)
        photo = np.full(n_points, -1, np.int64)
        photo[here] = photo_here.ravel()
        row_of_photo = row[here[first]]
        where = _Where(row, photo, row_of_photo, weights, n_rows, len(compared.names))
        human, machine = compared.human, compared.machine
        pairs = ((human, None), (machine, None), (human, machine), (machine, human))
        of_part = part[here[first]]
        return cls(
            in_all, n_rows, row_of_photo, of_part, lonely, *(where.residuals(side, other) for side, other in pairs)
        )

    def rows(self, which: NDArray[np.bool_], classes: Sequence[int] | slice = slice(None)) -> PhotoSides:
        """Those of some of the rows, numbered anew, and of some of the classes."""
        number = np.cumsum(which) - 1
        kept = which[self.row]
        sides = (side[kept][:, classes] for side in self[5:])
        row, part = number[self.row[kept]], self.part[kept]
        return PhotoSides(self.in_all, int(which.sum()), row, part, self.lonely[which], *sides)

    def drawn(self, residuals: Numbers) -> Drawn:
        """Of how many units the rows were drawn, for a share with these residuals."""
        found = between_photos_of_parts(residuals, self.row, self.part, self.n_rows)
        return Drawn(self.in_all, *found).without(self.lonely)


class _Where(NamedTuple):
    """Where points are: the row and the photo of each, -1 for none, the row of each photo, and what a point weighs."""

    row: Whole
    photo: Whole
    row_of_photo: Whole
    weights: Numbers
    n_rows: int
    n_classes: int

    def residuals(self, side: Side, other: Side | None = None) -> Numbers:
        usable = np.flatnonzero(side.usable & (self.row >= 0))
        n_photos = len(self.row_of_photo)
        size = np.bincount(self.photo[usable], self.weights[usable], n_photos)
        totals = np.bincount(self.row[usable], self.weights[usable], self.n_rows)
        known = usable[side.classes[usable] != NOWHERE]
        if other is not None:
            known = known[side.classes[known] != other.classes[known]]
        seen = np.zeros((n_photos, self.n_classes))
        np.add.at(seen, (self.photo[known], side.classes[known]), self.weights[known])
        shares = np.zeros((self.n_rows, self.n_classes))
        np.add.at(shares, self.row_of_photo, seen)
        has = np.where(totals > 0, totals, 1.0)
        shares /= has[:, None]
        found: Numbers = (seen - shares[self.row_of_photo] * size[:, None]) / has[self.row_of_photo, None]
        return found
