"""Labelled points on photos of the size they were labelled on, and of another."""

from __future__ import annotations

from random import Random

import pytest

from coralrun.classifiers.examples import Example, LabelledPhoto
from coralrun.classifiers.placing import Placed, in_corner, in_doubt, placed
from coralrun.planning.images import Extent, Point, Size

SIZE = Size(40, 30)
ROWS = tuple(Example(Point(row, row), "CCA", f"line {row}") for row in range(20))


def a_photo(*examples: Example) -> LabelledPhoto:
    return LabelledPhoto("a.jpg", examples)


@pytest.mark.parametrize("at", [(30, 0), (0, 40), (-1, 5), (5, -1), (9999, 9999)])
def test_one_row_outside_goes_alone(at: tuple[int, int]) -> None:
    slip = Example(Point(*at), "Turf", "line 99")
    found = placed(a_photo(*ROWS, slip), SIZE)
    assert (found.points, found.outside, found.is_other_size) == (tuple(one.point for one in ROWS), (slip,), False)


def test_more_than_a_tenth_outside_is_another_size_and_nothing_is_learnt() -> None:
    slips = tuple(Example(Point(50 + number, 1), "Turf") for number in range(3))
    assert placed(a_photo(*ROWS, *slips[:2]), SIZE).is_other_size is False
    found = placed(a_photo(*ROWS, *slips), SIZE)
    assert (found.points, found.codes, len(found.outside), found.is_other_size) == ((), (), 23, True)
    assert placed(a_photo(slips[0]), SIZE).is_other_size


def test_points_in_other_units_become_pixels_or_tell_of_another_size() -> None:
    shares = Extent(100, 100, whole_parts=False)
    of_cpce = Extent(600, 450, whole_parts=True)
    found = placed(
        a_photo(Example(Point(50, 25), "CCA", "", shares), Example(Point(150, 300), "Turf", "", of_cpce)), SIZE
    )
    assert (found.points, found.codes) == ((Point(10, 20), Point(15, 10)), ("Turf", "CCA"))
    assert placed(a_photo(Example(Point(150, 300), "Turf", "", of_cpce)), Size(41, 30)).is_other_size


def on(points: list[Point], photos: int, size: Size = SIZE) -> list[Placed]:
    """So many photos with these points, shared out."""
    return [
        Placed(f"{number}.jpg", size, tuple(points[number::photos]), ("CCA",) * len(points[number::photos]))
        for number in range(photos)
    ]


def test_a_row_outside_on_many_photos_is_no_slip() -> None:
    fine, slipped = on([Point(1, 1)], 1)[0], placed(a_photo(*ROWS, Example(Point(99, 0), "Turf")), SIZE)
    assert in_doubt([fine] * 19 + [slipped]) == 0
    assert in_doubt([fine] * 17 + [slipped] * 3) == 3


@pytest.mark.parametrize(("first", "last", "is_corner"), [(0.0, 0.5, True), (0.0, 1.0, False), (0.25, 0.75, False)])
def test_points_of_smaller_copies_are_in_a_corner_and_those_of_an_area_are_not(
    first: float, last: float, is_corner: bool
) -> None:
    size, chance = Size(4000, 3000), Random(20080415)
    points = [
        Point(int(chance.uniform(first, last) * size.height), int(chance.uniform(first, last) * size.width))
        for _ in range(200)
    ]
    found = in_corner(on(points, 8, size))
    assert (found is not None) is is_corner
    assert in_corner(on(points[:99], 8, size)) is None, "too few to tell"
    assert in_corner(on(points, 4, size)) is None
