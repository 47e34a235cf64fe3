"""How labelled points were chosen: a triage stands for nothing else, an audit's points weigh what the draw says."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from coralrun.accuracy.chosen import chances, not_random
from coralrun.accuracy.truth import Why
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.draws import place_of
from coralrun.review.matching import Match
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.values.classified import Classification

MACHINE = Classification(0.9, 1, "A", "A")
COUNTS = {0: 3, 1: 3}
AUDITED = [DrawnPoint(ReviewSet.AUDIT, 0, point, "", 0.25, 0.5) for point in (1, 2, 3)]
TRIAGED = [DrawnPoint(ReviewSet.TRIAGE, 1, point, "low score") for point in (1, 2)]
SETS = {place_of(point): point for point in (*AUDITED, *TRIAGED)}


def rows(*places: tuple[int, int], said: str = "", inclusion: float | None = None) -> list[Match]:
    return [
        Match(image, point, MACHINE, LabelledPoint(line=2, name="", row=0, column=0, set=said, inclusion=inclusion))
        for image, point in places
    ]


def left_out(pairs: list[Match], sets: Iterable[DrawnPoint] = SETS.values()) -> dict[tuple[int, int], Why]:
    return not_random(pairs, {place_of(point): point for point in sets}, COUNTS)


@pytest.mark.parametrize("said", ["", "triage", "audit", "holdout"])
def test_a_triage_of_the_run_is_left_out_whatever_the_file_says(said: str) -> None:
    found = left_out([*rows((1, 1), (1, 2), said=said), *rows((0, 1), said="audit")])
    assert found == {(1, 1): Why.TRIAGE, (1, 2): Why.TRIAGE}


def test_an_audit_of_the_run_judges_whatever_the_file_says() -> None:
    assert left_out(rows((0, 1), said="triage")) == {}


def test_a_file_that_labels_all_points_of_an_image_did_not_pick_the_uncertain_ones() -> None:
    assert left_out(rows((1, 1), (1, 2), (1, 3))) == {}
    assert set(left_out(rows((1, 1), (1, 3)))) == {(1, 1)}


def test_an_image_all_in_the_triage_judges_in_a_file_beyond_the_draws() -> None:
    everything = [*TRIAGED, DrawnPoint(ReviewSet.TRIAGE, 1, 3, "low score")]
    image = rows((1, 1), (1, 2), (1, 3))
    assert len(left_out(image, everything)) == 3
    assert left_out([*image, *rows((0, 1))], everything) == {}


def test_of_another_runs_review_only_the_audit_judges() -> None:
    pairs = [*rows((0, 1), said="Audit"), *rows((0, 2), said="triage"), *rows((0, 3))]
    assert left_out(pairs, ()) == {(0, 2): Why.TRIAGE, (0, 3): Why.NOT_DRAWN}


def test_a_column_set_of_somebodys_own_says_nothing() -> None:
    assert left_out(rows((0, 1), (1, 1), said="test"), ()) == {}


def test_the_runs_own_probabilities_count_before_those_of_a_file() -> None:
    found = chances(rows((0, 1), (0, 2), inclusion=0.9), SETS)
    assert found is not None
    assert (found.point.tolist(), found.unit.tolist()) == ([0.25, 0.25], [0.5, 0.5])


def test_points_that_no_draw_of_the_run_knows_have_the_probabilities_of_their_file() -> None:
    found = chances(rows((0, 1), (1, 2), inclusion=0.2), {})
    assert found is not None
    assert (found.point.tolist(), found.unit.tolist()) == ([0.2, 0.2], [1.0, 1.0])


def test_where_one_point_has_no_probability_none_counts() -> None:
    assert chances(rows((0, 1), (1, 3)), SETS) is None
