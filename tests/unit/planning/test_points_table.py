"""Points that are not written in pixels become pixels once the size of their image is known."""

from __future__ import annotations

from array import array

import pytest

from coralrun.planning.images import Extent, Point, Size
from coralrun.planning.points_table import PackedPoints, PointsTable, in_pixels

FRACTIONS = Extent(1000, 1000, whole_parts=False)
SIZE = Size(200, 100)


def test_pixels_stay_as_they_are() -> None:
    assert in_pixels((Point(999, 7),), None, SIZE) == (Point(999, 7),)


@pytest.mark.parametrize(("part", "column", "row"), [(0, 0, 0), (4, 0, 0), (5, 1, 0), (500, 100, 50), (1000, 199, 99)])
def test_a_fraction_falls_into_the_pixel_that_it_lies_in_and_the_end_into_the_last(
    part: int, column: int, row: int
) -> None:
    assert in_pixels((Point(part, part),), FRACTIONS, SIZE) == (Point(row, column),)


@pytest.mark.parametrize("parts", [15, 12])
def test_units_of_cpce_become_the_nearest_pixel(parts: int) -> None:
    extent = Extent(200 * parts, 100 * parts, whole_parts=True)
    units = (Point(0, 0), Point(10 * parts, 20 * parts), Point(10 * parts + parts // 2 - 1, 20 * parts - parts // 3))
    assert in_pixels(units, extent, SIZE) == (Point(0, 0), Point(10, 20), Point(10, 20))


@pytest.mark.parametrize("size", [Size(200, 101), Size(100, 100), Size(199, 100)])
def test_an_image_of_another_shape_than_cpce_saw_is_recognised(size: Size) -> None:
    assert in_pixels((Point(0, 0),), Extent(3000, 1500, whole_parts=True), size) is None


def test_points_of_a_photo_stay_as_they_are_on_one_of_its_size_and_are_for_no_other() -> None:
    extent = Extent(200, 100, whole_parts=True, exact=True)
    assert in_pixels((Point(99, 199),), extent, SIZE) == (Point(99, 199),)
    for other in (Size(100, 50), Size(200, 101), Size(201, 100), Size(100, 200)):
        assert in_pixels((Point(0, 0),), extent, other) is None


def test_a_point_where_an_earlier_one_is_counts_as_repeated() -> None:
    rows, columns = array("i", [1, 1, 2, 1, 1]), array("i", [5, 6, 5, 5, 5])
    table = PointsTable("p.csv", {"a": PackedPoints(rows, columns, array("i", range(2, 7)))})
    assert list(table.repeats("a")) == [(3, 0), (4, 0)]
