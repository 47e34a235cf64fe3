"""What came of a review, as people read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from coralrun.planning.labelled_points import GivenBy, LabelledPoint
from coralrun.review.labels import Label
from coralrun.review.matching import NO_POINT_HERE, Unmatched
from coralrun.review.other_points import OtherPoints, of_draw
from coralrun.review.reviewed import FileOutcome, ReviewedPoint, Reviews, Taken
from coralrun.review.text import taken_lines
from coralrun.values.classified import Classification


def row(column: int) -> LabelledPoint:
    return LabelledPoint(line=2, name="a.jpg", row=7, column=column, label_code="A", given_by=GivenBy.PERSON)


def test_rows_that_are_taken_of_new_points_on_old_pixels_are_told_from_the_others() -> None:
    gone = OtherPoints(3, 1, 4, frozenset(("a.jpg", 7, column) for column in range(4)))
    outcome = FileOutcome(
        number=2,
        rows=4,
        labelled=1,
        empty=0,
        machines=0,
        unsaid=0,
        held=(),
        unmatched=tuple(Unmatched(row(column), NO_POINT_HERE) for column in (0, 2, 3)),
        names=(),
        changed=(),
    )
    machine = Classification(label_id=1, label_code="A", label_name="A", score=0.9)
    said = "    3 rows of review 3, made when the survey had other points (plan 1): of its 4 points it has 0 still"
    for number, told in ((2, "; 1 row taken, for new points lie there by chance"), (1, "")):
        points = (ReviewedPoint(0, 1, Label(1, "A"), machine, row(1), None, number),)
        taken = Taken(outcome, Reviews(points=points, other_points=(gone,)), "", ())
        assert f"{said}{told}" in list(taken_lines(Path("run"), taken))


def test_a_row_of_points_that_several_reviews_had_is_of_the_one_that_handed_it_out() -> None:
    draws = [OtherPoints(number, 1, 4, frozenset({("a.jpg", 7, 0)})) for number in (1, 2, 12)]
    assert [of_draw(replace(row(0), review_id=its), draws) for its in ("r2-00001", "r12-00001", "")] == [
        *draws[1:],
        draws[0],
    ]
