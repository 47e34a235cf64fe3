"""What is picked out of the points that pass by."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from tests.answers import blocks_of

from coralrun.report.single_points import Passing, margins_of, spread
from coralrun.values.classified import Classification, ScoredPoint


def point(*scores: float, row: int = 0) -> ScoredPoint:
    found = tuple(
        Classification(score, rank, f"L{rank}", f"Label {rank}") for rank, score in enumerate(scores, start=1)
    )
    return ScoredPoint(row, 0, found)


def passed(images: Mapping[int, tuple[ScoredPoint, ...]], chosen: tuple[int, ...] = (), doubts: int = 3) -> Passing:
    passing = Passing(chosen, doubts)
    blocks = blocks_of(images.items())
    assert [*passing.watch(blocks)] == [*blocks]  # handed on as they are
    return passing


def test_the_least_certain_points_have_the_nearest_best_two_scores() -> None:
    images = {
        1: (point(0.9, 0.1), point(0.5, 0.45), point(0.5, 0.4)),
        2: (point(0.4, 0.39),),
        3: (point(0.9, 0.05),),
        4: (point(0.6, 0.3),),
    }
    found = passed(images).doubts()
    assert [(doubt.image, doubt.point) for doubt, _ in found] == [(2, 1), (1, 2), (4, 1)]
    assert found[1][1] == images[1][1]


def test_ties_go_to_the_first_image_and_the_first_point() -> None:
    images = {number: (point(0.5, 0.4), point(0.5, 0.4)) for number in range(5)}
    assert [(doubt.image, doubt.point) for doubt, _ in passed(images, doubts=2).doubts()] == [(0, 1), (1, 1)]


@pytest.mark.parametrize("seed", range(20))
def test_the_few_that_are_kept_are_the_least_certain_of_all(seed: int) -> None:
    chance = random.Random(seed)
    images = {n: tuple(point(0.5, 0.5 - chance.randrange(50) / 100) for _ in range(4)) for n in range(30)}
    of_image = {
        n: min((best.score - next_.score, at) for at, (_, _, (best, next_)) in enumerate(points, 1))
        for n, points in images.items()
    }
    least = sorted((margin, n, at) for n, (margin, at) in of_image.items())
    kept = [(doubt.margin, doubt.image, doubt.point) for doubt, _ in passed(images, doubts=6).doubts()]
    assert kept == least[:6]


def test_the_points_of_chosen_images_are_kept_and_no_others() -> None:
    images = {number: (point(0.9, row=number),) for number in range(4)}
    assert passed(images, chosen=(1, 3)).points == {1: images[1], 3: images[3]}


def test_a_point_with_one_label_is_as_certain_as_that() -> None:
    (block,) = blocks_of([(1, (point(0.7), point(), point(0.5, 0.25)))])
    assert margins_of(block).tolist() == [0.7, 1.0, 0.25]


@pytest.mark.parametrize(("there", "wanted", "taken"), [(10, 2, (2, 7)), (3, 5, (0, 1, 2)), (0, 4, ()), (5, 0, ())])
def test_photos_are_taken_evenly_from_the_survey(there: int, wanted: int, taken: tuple[int, ...]) -> None:
    assert spread(range(there), wanted) == taken
