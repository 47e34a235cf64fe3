"""Points drawn by class: each class at random, rare ones enough, and further draws beside earlier ones."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers import blocks_of
from tests.unit.accuracy.audited_reef import machine_says
from tests.unit.results.finished_runs import label_id

from coralrun.review.by_class import UNASSIGNED, MachineClasses, allocate, draw_by_class
from coralrun.review.draws import place_of
from coralrun.review.sets import DrawnPoint
from coralrun.values.classified import ScoredPoint

CLASSES = MachineClasses("label", ("A", "B", "C"), {label_id(code): at for at, code in enumerate("ABC")}, 0.5)


def drawn(total: int, seed: int = 0, earlier: tuple[DrawnPoint, ...] = ()) -> list[DrawnPoint]:
    """Of 20 photos of nine points: seven A, one B, one of which the machine is not sure; T stands on the first."""
    codes = [("A", 0.9)] * 7 + [("B", 0.9), ("A", 0.2)]
    photos = [[*codes, ("T", 0.9)] if image == 0 else codes for image in range(20)]
    points = [
        (image, tuple(ScoredPoint(1, at, (machine_says(*said),)) for at, said in enumerate(photo)))
        for image, photo in enumerate(photos)
    ]
    return list(draw_by_class(blocks_of(points), CLASSES, total, seed, [place_of(point) for point in earlier]))


def test_each_class_has_its_points_with_their_probability() -> None:
    found = drawn(48)
    assert Counter(point.stratum for point in found) == {"A": 28, "B": 10, UNASSIGNED: 10}
    assert {(point.stratum, point.inclusion) for point in found} == {
        ("A", 28 / 140), ("B", 10 / 20), (UNASSIGNED, 10 / 20),
    }  # fmt: skip
    assert [place_of(point) for point in found] == sorted(place_of(point) for point in found)


def test_the_same_request_draws_the_same_points_and_another_seed_others() -> None:
    assert drawn(30) == drawn(30)
    assert drawn(30) != drawn(30, seed=1)


def test_a_further_draw_takes_none_twice_and_counts_the_earlier_ones() -> None:
    first = drawn(30)
    further = drawn(30, seed=1, earlier=tuple(first))
    assert not {place_of(point) for point in first} & {place_of(point) for point in further}
    of_b = sum(point.stratum == "B" for point in (*first, *further))
    assert {point.inclusion for point in further if point.stratum == "B"} == {of_b / 20}


def test_what_the_machine_finds_unusable_is_not_drawn() -> None:
    assert all((point.image, point.point) != (0, 10) for point in drawn(1000))
    assert len(drawn(1000)) == 180


@given(st.lists(st.integers(0, 200), min_size=1, max_size=8), st.integers(0, 900))
def test_points_are_divided_over_all_classes_and_none_has_more_than_it_holds(sizes: list[int], total: int) -> None:
    given_points = allocate(sizes, total)
    assert sum(given_points) == min(total, sum(sizes))
    assert all(0 <= n <= size for n, size in zip(given_points, sizes, strict=True))


@pytest.mark.parametrize(
    ("sizes", "expected"), [([1000, 10], [90, 10]), ([500, 500], [50, 50]), ([990, 300], [64, 36])]
)
def test_half_is_even_and_half_in_proportion(sizes: list[int], expected: list[int]) -> None:
    assert allocate(sizes, 100) == expected
