"""What is drawn for review outside the audit: the least certain points."""

from __future__ import annotations

import pytest
from tests.answers import blocks_of
from tests.unit.results.finished_runs import label_id

from coralrun.results.stored_points import Block
from coralrun.review import sets
from coralrun.review.sets import ReviewSet, Wanted
from coralrun.values.classified import Classification, ScoredPoint


def points_of(scores: list[list[tuple[str, float, float]]]) -> tuple[Block]:
    """Images of points, each with its best label, its score, and the score of the next."""

    def point(column: int, code: str, first: float, second: float) -> ScoredPoint:
        best = Classification(first, label_id(code), code, code)
        return ScoredPoint(0, column, (best, Classification(second, 0, "other", "other")))

    return blocks_of(
        (number, tuple(point(column, *scores) for column, scores in enumerate(image)))
        for number, image in enumerate(scores)
    )


def test_the_triage_takes_rare_labels_low_scores_and_close_calls_in_turn() -> None:
    plain = [("A", 0.9, 0.05)] * 200
    points = points_of([[*plain, ("R", 0.95, 0.01)], [*plain, ("A", 0.2, 0.01), ("A", 0.45, 0.44)]])

    drawn = sets.triage_points(points, sets.take_census(points), frozenset(), Wanted(count=3))

    assert [(point.image, point.point, point.stratum) for point in drawn] == [
        (0, 201, "rare label"),
        (1, 201, "low score"),
        (1, 202, "small margin"),
    ]
    assert {(point.set, point.inclusion) for point in drawn} == {(ReviewSet.TRIAGE, None)}


def test_no_point_is_in_both_sets() -> None:
    points = points_of([[("A", 0.1, 0.1)] * 5, [("A", 0.9, 0.1)] * 5])
    drawn = sets.triage_points(points, sets.take_census(points), frozenset({0}), Wanted(share=1.0))
    assert {point.image for point in drawn} == {1}


def test_nobody_is_asked_twice_about_a_point() -> None:
    points = points_of([[("A", 0.1, 0.1), ("A", 0.2, 0.1), ("A", 0.3, 0.1)]])
    drawn = sets.triage_points(points, sets.take_census(points), (), Wanted(count=1), asked={(0, 1)})
    assert [(point.image, point.point) for point in drawn] == [(0, 2)]


@pytest.mark.parametrize(
    ("wanted", "of"), [(Wanted(share=0.05), 5), (Wanted(share=0.001), 1), (Wanted(count=500), 100)]
)
def test_a_sample_is_rounded_up_and_never_more_than_there_is(wanted: Wanted, of: int) -> None:
    assert wanted.of(100) == of
