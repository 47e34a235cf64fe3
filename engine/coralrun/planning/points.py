"""Where the points of an image lie: CoralNet's three designs, with its exact integer arithmetic.

Rule: the points of an image follow from (seed, key, raw size) and the design alone, so adding or removing images moves
no point. Bounds are inclusive throughout. Rows are drawn before columns, point by point, in the order of the cells;
that order is part of the format, because a change to it would move every point of every survey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from coralrun.planning.images import Point, Size
from coralrun.spec.point_design import AreaUnit, Method, PointDesign
from coralrun.values.ids import SplitMix64, seed_from

_SWEEP_CELLS = 5  # simple random points are numbered cell by cell of a 5 x 5 grid, so that neighbours follow each other


class AreaTooSmall(Exception):
    """The annotation area of an image of this size has no pixel, or fewer than one for each cell of the design."""


class Area(NamedTuple):
    """The pixels that points may lie on; all four ends are included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def height(self) -> int:
        """How many rows of pixels; 0 or less where there are none."""
        return self.last_row - self.first_row + 1

    @property
    def width(self) -> int:
        """How many columns of pixels; 0 or less where there are none."""
        return self.last_column - self.first_column + 1


class Span(NamedTuple):
    """A cell's rows, or its columns; both ends are included."""

    first: int
    last: int


def points_of(design: PointDesign, key: str, size: Size) -> tuple[Point, ...]:
    """Lay the points of one image, exactly `design.points_per_image` of them, in CoralNet's numbering.

    Raises AreaTooSmall where the design does not fit on an image of this size.
    """
    check_design_fits(design, size)
    area = area_of(design, size)
    chance = SplitMix64(seed_from("points", design.seed, key, size.width, size.height))
    draw = _Draw(chance, again=design.no_duplicates)
    if design.method is Method.SIMPLE_RANDOM:
        return _simple_random(area, design.number_of_points, draw)
    rows = cells(area.first_row, area.height, design.cell_rows)
    columns = cells(area.first_column, area.width, design.cell_columns)
    if design.method is Method.UNIFORM_GRID:
        return tuple(Point(_middle(row), _middle(column)) for row in rows for column in columns)
    return tuple(draw.point(row, column) for row in rows for column in columns for _ in range(design.points_per_cell))


def check_design_fits(design: PointDesign, size: Size) -> None:
    """Raise AreaTooSmall where a design does not fit on an image of this size."""
    if not fits(design, size):
        area = area_of(design, size)
        raise AreaTooSmall(f"{area.width} x {area.height} pixels of {size.width} x {size.height}")


def fits(design: PointDesign, size: Size) -> bool:
    """Whether an image of this size has a pixel for each cell, and places enough where no two points may share one."""
    area = area_of(design, size)
    rows, columns = max(design.cell_rows, 1), max(design.cell_columns, 1)
    if area.height < rows or area.width < columns:
        return False
    least_places = (area.height // rows) * (area.width // columns)
    in_a_cell = design.number_of_points if design.method is Method.SIMPLE_RANDOM else design.points_per_cell
    return not design.no_duplicates or least_places >= in_a_cell


def area_of(design: PointDesign, size: Size) -> Area:
    """The pixels that a design may lay points on: those of its annotation area that keep off the edges by its border.

    An area in pixels is cut at the image's edge.
    """
    area, border = design.annotation_area, design.border
    pixels = _percent_to_pixels if area.unit is AreaUnit.PERCENT else _pixels_within
    first_column, last_column = pixels(area.x, size.width)
    first_row, last_row = pixels(area.y, size.height)
    return Area(
        max(first_row, border),
        min(last_row, size.height - 1 - border),
        max(first_column, border),
        min(last_column, size.width - 1 - border),
    )


def cells(first: int, length: int, count: int) -> tuple[Span, ...]:
    """Cut `length` pixels from `first` on into `count` spans, within a pixel of each other, none left over."""
    bounds = [cell * length // count + first for cell in range(count + 1)]
    return tuple(Span(low, high - 1) for low, high in pairwise(bounds))


def split(points: Sequence[Point], most: int | None) -> tuple[tuple[Point, ...], ...]:
    """Cut an image's points into entries, each of at most so many, in order; None for one entry of all."""
    step = most or max(1, len(points))
    return tuple(tuple(points[start : start + step]) for start in range(0, len(points), step))


def entries_of(points_count: int, most: int | None) -> int:
    """How many entries an image with so many points takes, with at most so many in each."""
    return -(-points_count // (most or max(1, points_count)))


@lru_cache(maxsize=1024)  # a survey's images have few sizes, and each is asked for at every step
def _percent_to_pixels(bounds: tuple[float, float], length: int) -> tuple[int, int]:
    """CoralNet's rule for both ends: ceil(percent / 100 * length) - 1, and 0 at the least.

    In fractions of the number as written, because 7 / 100 * 100 is a little more than 7 in floating point.
    """
    if length < 1:
        return 0, -1
    low, high = (max(math.ceil(Fraction(str(bound)) * length / 100) - 1, 0) for bound in bounds)
    return low, min(high, length - 1)


def _pixels_within(bounds: tuple[float, float], length: int) -> tuple[int, int]:
    return max(math.ceil(bounds[0]), 0), min(math.floor(bounds[1]), length - 1)


def _middle(span: Span) -> int:
    return (span.first + span.last) // 2


class _Draw:
    """Draws points one by one; with `again`, a place that is taken already is drawn again, as often as it must be."""

    def __init__(self, chance: SplitMix64, *, again: bool) -> None:
        self._chance = chance
        self._again = again
        self._taken: set[Point] = set()

    def point(self, rows: Span, columns: Span) -> Point:
        """A point within these rows and columns."""
        point = Point(self._chance.between(*rows), self._chance.between(*columns))
        if self._again:
            while point in self._taken:
                point = Point(self._chance.between(*rows), self._chance.between(*columns))
            self._taken.add(point)
        return point


def _simple_random(area: Area, count: int, draw: _Draw) -> tuple[Point, ...]:
    """Draw over the whole area, then number by a sweep over 5 x 5 cells; within a cell, in the order drawn."""

    def sweep(point: Point) -> tuple[int, int]:
        return (
            (point.row - area.first_row) * _SWEEP_CELLS // area.height,
            (point.column - area.first_column) * _SWEEP_CELLS // area.width,
        )

    rows, columns = Span(area.first_row, area.last_row), Span(area.first_column, area.last_column)
    return tuple(sorted((draw.point(rows, columns) for _ in range(count)), key=sweep))
