"""The record of a draw binds to a picture, a row and a column, whatever the plan that is in force numbers otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.planning.images import PlannedImage, Point
from coralrun.planning.model import Plan
from coralrun.review import record
from coralrun.review.draws import Place
from coralrun.review.sets import DrawnPoint, ReviewSet

PLACES = {(0, 1): Point(3, 4), (0, 2): Point(3, 4), (1, 1): Point(5, 6), (1, 2): Point(7, 8)}
DRAWN = (
    DrawnPoint(ReviewSet.AUDIT, 0, 2, "north", 0.5, 0.25),
    DrawnPoint(ReviewSet.AUDIT, 1, 1, "north", 0.5, 0.25),
    DrawnPoint(ReviewSet.TRIAGE, 1, 2, "low score"),
)


def plan_of(**urls: str) -> Plan:
    """A plan of images of a manifest, by name."""
    images = (PlannedImage(key=name, source="m.csv", name=name, points=2, url=url) for name, url in urls.items())
    return replace(PLAN, images=tuple(images))


OLD = plan_of(a="https://h.test/a.jpg?X-Amz-Signature=1", b="https://h.test/b.jpg")
ROWS = record.decode(record.encode(OLD, PLACES, DRAWN, 1))


def keys_of(plan: Plan) -> dict[str, int]:
    return {image.key: number for number, image in enumerate(plan.images)}


def at(places: Mapping[Place, Point]) -> Callable[[frozenset[int]], Mapping[Place, Point]]:
    return lambda images: {place: point for place, point in places.items() if place[0] in images}


def test_a_record_reads_back_as_what_was_drawn_from_its_own_plan() -> None:
    assert tuple(record.drawn_in(OLD, keys_of(OLD), ROWS).values()) == DRAWN
    assert [row.review_id for row in ROWS] == ["r1-00001", "r1-00002", "r1-00003"]


def test_a_record_tells_no_address() -> None:
    assert b"h.test" not in record.encode(OLD, PLACES, DRAWN, 1)


def test_a_picture_that_its_own_plan_does_not_have_is_named() -> None:
    other = plan_of(a="https://h.test/a.jpg", b="https://h.test/other.jpg")
    with pytest.raises(ValueError, match="it names b, which the plan does not have"):
        record.drawn_in(other, keys_of(other), ROWS)


def test_a_later_plan_has_the_points_on_the_same_pixel_of_the_same_picture() -> None:
    new = plan_of(c="https://h.test/c.jpg", b="https://h.test/b.jpg", a="https://h.test/a.jpg?X-Amz-Signature=2")
    places = {(0, 1): Point(5, 6), (1, 1): Point(9, 9), (1, 2): Point(5, 6), (2, 1): Point(3, 4), (2, 2): Point(3, 4)}
    found = record.still_there(new, keys_of(new), ROWS, range(3), at(places))
    assert found == {
        "r1-00001": replace(DRAWN[0], image=2, point=2),
        "r1-00002": replace(DRAWN[1], image=1, point=2),
    }


def test_a_photo_that_is_another_now_keeps_nothing_of_what_was_drawn() -> None:
    new = plan_of(a="https://h.test/a2.jpg", b="https://h.test/b.jpg")
    assert record.still_there(new, keys_of(new), ROWS, range(3), at(PLACES)).keys() == {"r1-00002", "r1-00003"}


def test_two_rows_of_one_pixel_are_two_of_its_points() -> None:
    both = DrawnPoint(ReviewSet.AUDIT, 0, 1, "north", 0.5), DrawnPoint(ReviewSet.AUDIT, 0, 2, "north", 0.5)
    rows = record.decode(record.encode(OLD, PLACES, both, 1))
    places = {(0, 4): Point(3, 4), (0, 5): Point(3, 4)}
    found = record.still_there(OLD, keys_of(OLD), rows, {0}, at(places))
    assert [drawn.point for drawn in found.values()] == [4, 5]


def test_a_pixel_that_a_new_point_has_by_chance_was_not_drawn() -> None:
    assert record.still_there(OLD, keys_of(OLD), ROWS, {1}, at(PLACES)).keys() == {"r1-00002", "r1-00003"}
