"""Why points do not go with an image as large as it is, in words and numbers."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.results.stories import plan_of

from coralrun.machine.reasons import Reason
from coralrun.planning.images import Extent, Point, Size
from coralrun.planning.model import Plan
from coralrun.results import size_mismatches
from coralrun.sources.points_file import read_points

SIZE = Size(width=40, height=30)


def with_points(*places: tuple[int, int]) -> Plan:
    """A plan of one image, whose points come from a file."""
    plan = plan_of(1)
    key = plan.images[0].key
    rows = "".join(f"a.jpg,{row},{column}\n" for row, column in places)
    table = read_points("points.csv", {"points.csv": f"Name,Row,Column\n{rows}".encode()})
    return replace(plan, design=None, file_points=table.renamed({key: "a.jpg"}))


def told(plan: Plan, reason: Reason = Reason.POINT_OUTSIDE) -> str:
    return size_mismatches.describe_mismatch(reason, plan, plan.images[0], SIZE)


def test_points_that_are_too_far_are_told_with_lines_and_how_far_they_may_be() -> None:
    assert told(with_points((29, 39), (30, 0), (0, 40))) == (
        "a point lies outside the image: row 30 (points.csv:3), where 29 is the last; "
        "column 40 (points.csv:4), where 39 is the last"
    )


def test_three_points_are_told_and_the_others_counted() -> None:
    assert told(with_points((40, 0), (41, 0), (42, 0), (43, 0), (44, 0))).endswith(
        "row 42 (points.csv:4), where 29 is the last and 2 more"
    )


def test_points_whose_lines_are_not_known_are_told_without_them() -> None:
    plan = with_points((40, 0))
    saved = replace(plan, file_points={plan.images[0].key: (Point(40, 0),)})
    assert told(saved) == "a point lies outside the image: row 40, where 29 is the last"


def test_an_area_that_is_empty_and_another_size_are_told_with_the_sizes() -> None:
    plan = plan_of(1)
    assert told(plan, Reason.AREA_TOO_SMALL) == (
        "the annotation area is empty on an image of this size: 40 x 30 pixels"
    )
    laid_on = {plan.images[0].key: Extent(60, 45, whole_parts=True, exact=True)}
    assert told(replace(plan, extents=laid_on), Reason.ANOTHER_SIZE) == (
        "the image has another size than the one that its points were laid on: 40 x 30 pixels instead of 60 x 45"
    )


def test_what_would_make_all_points_fit_is_said_once() -> None:
    assert told(with_points((30, 1), (1, 40), (30, 40))) == (
        "a point lies outside the image: row 30 (points.csv:2), where 29 is the last; column 40 (points.csv:3), where "
        "39 is the last; row 30 (points.csv:4), where 29 is the last: all 3 of its points would fit counted from 1 "
        "instead of 0: take 1 from each row and column"
    )


def test_a_turned_photo_is_told_as_that() -> None:
    plan = plan_of(1)
    cpce = {plan.images[0].key: Extent(450, 600, whole_parts=True)}
    assert told(replace(plan, extents=cpce), Reason.ANOTHER_SIZE) == (
        "the image has another size than the one that its points were laid on: 40 x 30 pixels instead of 30 x 40 "
        "(at 15 units a pixel): the same photo turned (EXIF orientation)"
    )
