"""The points of a survey, laid beforehand: every image measured once, several at a time, and which photos are drawn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.app.beforehand.points import LaidPoints, lay_all, spread
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.policy import RESOLVES_AT_ONCE
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.ports import Located
from coralrun.reaching import tells_nobody
from coralrun.sources.patience import Patience

AWAY = Trouble(TroubleKind.UNREACHABLE, "no answer from reef.example")
SIZE = Size(90, 60)

Answer = Located | Unusable | Trouble
Locate = Callable[[PlannedImage], Answer]


class Host:
    """Where images are: `ports.Images` by a function of the test's own."""

    def __init__(self, locate: Locate) -> None:
        self.locate = locate


def plan_of(count: int, size: Size | None = None) -> Plan:
    names = [f"{number}.jpg" for number in range(count)]
    return replace(
        PLAN,
        images=tuple(PlannedImage(key=name, source="m", name=name, points=2, url="toy:a", size=size) for name in names),
    )


def laid(plan: Plan, locate: Locate, *, measure_all: bool = False) -> tuple[LaidPoints, list[str]]:
    """What was laid, and what was told while waiting; nobody really waits."""
    told: list[str] = []
    patience = Patience(lambda seconds: None, told.append)
    return lay_all(plan, Host(locate), patience, tells_nobody, measure_all=measure_all), told


def test_images_are_measured_several_at_a_time_and_keep_their_order() -> None:
    together = threading.Barrier(RESOLVES_AT_ONCE, timeout=30.0)

    def locate(image: PlannedImage) -> Located:
        together.wait()  # nobody passes alone
        return Located("toy:a", Size(100 + int(image.name.removesuffix(".jpg")), 60))

    found, _ = laid(plan_of(20 * RESOLVES_AT_ONCE), locate)
    assert found.sizes == tuple(Size(100 + number, 60) for number in range(20 * RESOLVES_AT_ONCE))


@pytest.mark.parametrize("measure_all", [False, True])
def test_an_image_of_known_size_is_asked_for_where_all_are_measured(measure_all: bool) -> None:
    asked: list[str] = []

    def locate(image: PlannedImage) -> Located:
        asked.append(image.name)
        assert image.size is None, "one that has a size is not measured"
        return Located("toy:a", SIZE)

    found, _ = laid(plan_of(3, SIZE), locate, measure_all=measure_all)
    assert found.sizes == (SIZE,) * 3
    assert sorted(asked) == (["0.jpg", "1.jpg", "2.jpg"] if measure_all else [])


def test_an_image_whose_host_is_away_for_a_while_is_asked_for_again() -> None:
    answers: Iterator[Answer] = iter([AWAY, AWAY, Located("toy:a", SIZE)])
    found, told = laid(plan_of(1), lambda image: next(answers))
    assert found.sizes == (SIZE,)
    assert told == [f"no answer from reef.example: asking again in {pause_s} s" for pause_s in (2, 4)]


def test_an_image_that_cannot_be_measured_is_left_out_with_the_reason() -> None:
    answers: dict[str, Answer] = {"0.jpg": AWAY, "1.jpg": Unusable(Reason.NOT_FOUND), "2.jpg": Located("toy:a", SIZE)}
    found, told = laid(plan_of(3), lambda image: answers[image.name])
    assert found.sizes == (None, None, SIZE)
    assert [number for number, _ in found.left_out] == [0, 1]
    assert found.left_out[0][1] == "its host does not answer"
    assert len(told) == 4


def test_what_goes_wrong_in_a_thread_ends_the_command() -> None:
    def locate(image: PlannedImage) -> Located:
        raise ValueError(image.key)

    with pytest.raises(ValueError, match=r"0\.jpg"):
        laid(plan_of(100), locate)


@pytest.mark.parametrize(
    ("count", "wanted", "chosen"),
    [(10, 1, [0]), (10, 2, [0, 9]), (10, 4, [0, 3, 6, 9]), (3, 3, [0, 1, 2]), (3, 9, [0, 1, 2])],
)
def test_the_photos_drawn_stand_at_equal_distances_from_the_first_to_the_last(
    count: int, wanted: int, chosen: list[int]
) -> None:
    assert spread(count, wanted) == chosen
