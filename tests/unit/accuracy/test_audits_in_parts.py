"""Corrected cover from an audit that was drawn in parts: on average over all draws it is the truth."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.accuracy.audited_reef import SITE, correction, plan_of, reader_of
from tests.unit.accuracy.test_corrected import of

from coralrun.review.audit import Candidate, DrawnImage, audit_points, draw_images
from coralrun.review.draws import Record, in_force, place_of, restated, review_id
from coralrun.review.sets import DrawnPoint, ReviewSet, Wanted

Parts = tuple[tuple[int, int | None], ...]
"""The draws of an audit: of how many images each, and of how many points of each image, None for all."""

POINTS = 4
PHOTOS = (1, 2, 3, 5, 8)
"""So many photos at each site: a small site's photo, once drawn, leaves nothing to draw there."""


def reef() -> tuple[list[str], list[list[str]], list[list[str]]]:
    """The site of each photo, people's labels, and the machine's, which is the more wrong the larger the site is."""
    sites, human, machine = [], [], []
    for number, photos in enumerate(PHOTOS):
        for photo in range(photos):
            wrong = min(POINTS, number * (1 + photo % 2) // 2)
            sites.append(f"site{number}")
            human.append(["A"] * wrong + ["B"] * (POINTS - wrong))
            machine.append(["B"] * POINTS)
    return sites, human, machine


SITES, HUMAN, MACHINE = reef()
TRUTH = 100 * np.mean(
    [
        np.mean([row.count("A") / POINTS for row, at in zip(HUMAN, SITES, strict=True) if at == site])
        for site in dict.fromkeys(SITES)
    ]
)
CANDIDATES = [Candidate(number, "", site) for number, site in enumerate(SITES)]
COUNTS = dict.fromkeys(range(len(SITES)), POINTS)


def audit_in_parts(seed: int, parts: Parts) -> list[DrawnPoint]:
    """An audit of several draws, each of so many images and of so many points of each, as the records state it."""
    rows: dict[str, DrawnPoint] = {}
    images: tuple[DrawnImage, ...] = ()
    for number, (size, per_image) in enumerate(parts, start=1):
        had = {image.image for image in images}
        images = draw_images(CANDIDATES, Wanted(count=size), seed, had)
        added = audit_points([image for image in images if image.image not in had], COUNTS, per_image, seed)
        own = {review_id(number, index): point for index, point in enumerate(added, start=1)}
        rows = {**own, **dict(restated(rows, images, COUNTS))}
    return list(rows.values())


SEEDS = 100


@cache
def estimates(parts: Parts) -> NDArray[np.float64]:
    """Corrected cover of A, from one audit for each seed."""
    plan = plan_of([(site,) for site in SITES], ("site",), SITE, POINTS)
    reader = reader_of(plan, MACHINE)
    frames = (correction(reader, plan, HUMAN, MACHINE, audit_in_parts(seed, parts)) for seed in range(SEEDS))
    return np.array([of(frame, "A")["cover_corrected"] for frame in frames])


UNITS_THEN_ALL: Parts = ((2, None), (5, None))


@pytest.mark.parametrize(
    "parts",
    [((2, None), (2, None)), UNITS_THEN_ALL, ((3, 1), (4, None)), ((6, None), (5, 2))],
    ids=["units first", "units first, then all of them", "other numbers of points", "all units"],
)
def test_the_correction_from_an_audit_in_parts_is_right_on_average(parts: Parts) -> None:
    found = estimates(parts)
    assert abs(found.mean() - TRUTH) < 3.5 * found.std(ddof=1) / SEEDS**0.5


def test_an_audit_in_parts_tells_as_much_as_one_of_that_size() -> None:
    """With the probability of one draw alone for each part the estimates scatter 1.4 times as much."""
    assert estimates(UNITS_THEN_ALL).std() < 1.15 * estimates(((7, None),)).std()


def point(set_: ReviewSet, image: int, point: int, inclusion: float | None = None) -> DrawnPoint:
    return DrawnPoint(set_, image, point, "", inclusion, inclusion)


FIRST = Record(1, 0, {"r1-00001": point(ReviewSet.AUDIT, 0, 1, 0.25), "r1-00002": point(ReviewSet.TRIAGE, 1, 1)})
SECOND = Record(
    2,
    1,
    {
        "r2-00001": point(ReviewSet.AUDIT, 1, 1, 0.5),
        "r2-00002": point(ReviewSet.AUDIT, 1, 2, 0.5),
        "r2-00003": point(ReviewSet.TRIAGE, 0, 1),
        "r1-00001": point(ReviewSet.AUDIT, 0, 1, 0.5),
    },
)


@pytest.mark.parametrize("import_", [1, 2], ids=["before it", "after it"])
def test_another_draws_triage_leaves_the_audit_as_it_was(import_: int) -> None:
    found = in_force([FIRST, SECOND], {(0, 1): import_, (1, 1): import_})
    assert [(place_of(point), point.inclusion) for point in found.audit] == [((0, 1), 0.25)]
    assert {place: str(point.set) for place, point in found.sets.items()} == {(0, 1): "audit", (1, 1): "triage"}
    assert found.waiting == 2


@pytest.mark.parametrize(
    "labelled",
    [{(0, 1): 1, (1, 2): 2}, {(0, 1): 1, (1, 1): 1, (1, 2): 1}],
    ids=["a label after it", "all of it labelled before"],
)
def test_a_draw_that_came_back_makes_one_audit_with_those_before_it(labelled: dict[tuple[int, int], int]) -> None:
    found = in_force([FIRST, SECOND], labelled)
    assert {(place_of(point), point.inclusion) for point in found.audit} == {
        ((0, 1), 0.5),
        ((1, 1), 0.5),
        ((1, 2), 0.5),
    }
    assert {str(point.set) for point in found.sets.values()} == {"audit"}
    assert found.waiting == 0


def test_a_triage_never_covers_an_audit_whichever_was_drawn_last() -> None:
    assert in_force([SECOND, FIRST], {(1, 2): 2}).sets[0, 1].set is ReviewSet.AUDIT


def test_an_audit_before_the_one_that_came_back_is_missed_where_nobody_reviewed_it() -> None:
    assert (0, 1) in {place_of(point) for point in in_force([FIRST, SECOND], {(1, 2): 2}).audit}
