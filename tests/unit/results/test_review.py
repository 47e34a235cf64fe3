"""What is drawn for review: known probabilities for the audit, the least certain points for the triage."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.results.finished_runs import label_id

from coralrun.coralnet.wire import Classification, ScoredPoint
from coralrun.results import review
from coralrun.results.review import Candidate, ReviewSet, Wanted

Points = list[tuple[int, tuple[ScoredPoint, ...]]]


def candidates(units: dict[str, int], stratum: str = "") -> list[Candidate]:
    names = [unit for unit, count in units.items() for _ in range(count)]
    return [Candidate(number, stratum, unit) for number, unit in enumerate(names)]


def points_of(scores: list[list[tuple[str, float, float]]]) -> Points:
    """Images of points, each with its best label, its score, and the score of the next."""

    def point(column: int, code: str, first: float, second: float) -> ScoredPoint:
        best = Classification(first, label_id(code), code, code)
        return ScoredPoint(0, column, (best, Classification(second, 0, "other", "other")))

    return [
        (number, tuple(point(column, *each) for column, each in enumerate(image)))
        for number, image in enumerate(scores)
    ]


def test_every_unit_gets_its_share_of_the_audit_and_none_is_left_out() -> None:
    drawn = review.draw_images(candidates({"a": 100, "b": 100, "c": 2}), Wanted(share=0.05), seed=1)

    units = Counter("abc"[(each.image >= 100) + (each.image >= 200)] for each in drawn)
    assert units == {"a": 5, "b": 5, "c": 1}
    assert {each.inclusion for each in drawn} == {0.05, 0.5}
    assert {each.unit_inclusion for each in drawn} == {1.0}


def test_fewer_images_than_units_draw_units_first_and_one_image_of_each() -> None:
    drawn = review.draw_images(candidates({str(unit): 4 for unit in range(50)}), Wanted(count=10), seed=1)

    assert len({each.image // 4 for each in drawn}) == len(drawn) == 10
    assert {(each.inclusion, each.unit_inclusion) for each in drawn} == {(10 / 50 / 4, 10 / 50)}


def test_an_image_is_drawn_as_often_as_its_inclusion_probability_says() -> None:
    images = candidates({"a": 3, "b": 9, "c": 1, "d": 5})
    seen: Counter[int] = Counter()
    said: dict[int, float] = {}
    seeds = 4000
    for seed in range(seeds):
        for each in review.draw_images(images, Wanted(count=2), seed):
            seen[each.image] += 1
            said[each.image] = each.inclusion
    assert set(said) == set(range(18))
    for image, inclusion in said.items():
        assert seen[image] / seeds == pytest.approx(inclusion, abs=4 * (inclusion / seeds) ** 0.5)


def test_strata_share_the_audit_by_their_size() -> None:
    images = candidates({"a": 90}, "deep") + [Candidate(90 + n, "shallow", "b") for n in range(10)]
    drawn = review.draw_images(images, Wanted(count=20), seed=3)
    assert Counter(each.stratum for each in drawn) == {"deep": 18, "shallow": 2}


def test_the_same_wish_draws_the_same_images_and_another_seed_others() -> None:
    images = candidates({"a": 50, "b": 50})
    first, again, other = (review.draw_images(images, Wanted(share=0.1), seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_few_points_of_each_audited_image_have_the_smaller_probability() -> None:
    (image,) = review.draw_images(candidates({"a": 1}), Wanted(count=1), seed=0)
    points = list(review.audit_points([image], {0: 200}, 50, seed=0))
    assert len({each.point for each in points}) == 50
    assert {each.inclusion for each in points} == {0.25}


def test_the_triage_takes_rare_labels_low_scores_and_close_calls_in_turn() -> None:
    plain = [("A", 0.9, 0.05)] * 200
    points = points_of([[*plain, ("R", 0.95, 0.01)], [*plain, ("A", 0.2, 0.01), ("A", 0.45, 0.44)]])

    drawn = review.triage_points(points, review.take_census(points), frozenset(), Wanted(count=3))

    assert [(each.image, each.point, each.stratum) for each in drawn] == [
        (0, 201, "rare label"),
        (1, 201, "low score"),
        (1, 202, "small margin"),
    ]
    assert {(each.set, each.inclusion) for each in drawn} == {(ReviewSet.TRIAGE, None)}


def test_no_point_is_in_both_sets() -> None:
    points = points_of([[("A", 0.1, 0.1)] * 5, [("A", 0.9, 0.1)] * 5])
    drawn = review.triage_points(points, review.take_census(points), frozenset({0}), Wanted(share=1.0))
    assert {each.image for each in drawn} == {1}


@pytest.mark.parametrize(
    ("wanted", "of"), [(Wanted(share=0.05), 5), (Wanted(share=0.001), 1), (Wanted(count=500), 100)]
)
def test_a_sample_is_rounded_up_and_never_more_than_there_is(wanted: Wanted, of: int) -> None:
    assert wanted.of(100) == of
