"""What goes on: one line that changes at a terminal, few in a log, with counts, and times that are told as guesses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from coralrun.console.passing import LATE_S, Passing, Sparse


@dataclass
class Watch:
    """A clock that is set, and what was shown."""

    now_s: float = 0.0
    shown: list[str] = field(default_factory=list)

    def now(self) -> float:
        return self.now_s


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_counts_are_told_with_the_time_left_once_there_is_a_pace(watch: Watch) -> None:
    line = Passing(watch.shown.append, now=watch.now, columns=lambda: 80)
    for watch.now_s, done in ((0.0, 0), (0.05, 10), (1.0, 20), (10.0, 200), (20.0, 1000), (21.0, 1010)):
        line.doing("listing", done, 1010)
    assert watch.shown == [
        "listing: 0 of 1,010",
        "listing: 20 of 1,010",
        "listing: 200 of 1,010, about 40 s left",
        "listing: 1,000 of 1,010, a few seconds left",
        "listing: 1,010 of 1,010",
    ]


def test_what_begins_again_has_a_pace_of_its_own(watch: Watch) -> None:
    line = Passing(watch.shown.append, now=watch.now, columns=lambda: 80)
    for watch.now_s, done in ((0.0, 1), (100.0, 3), (101.0, 1), (103.0, 2)):
        line.doing("training", done, 4)
    assert watch.shown[1:] == [
        "training: 3 of 4, about 50 s left",
        "training: 1 of 4",
        "training: 2 of 4, a few seconds left",
    ]


def test_on_a_narrow_terminal_words_are_cut_and_no_number(watch: Watch) -> None:
    line = Passing(watch.shown.append, now=watch.now, columns=lambda: 40)
    line.doing("reading what source 1 knows of its images", 20, 60)
    assert watch.shown == ["reading what source 1 know...: 20 of 60"]
    assert len(watch.shown[0]) == 39


def test_time_alone_changes_the_line_until_it_is_cleared() -> None:
    drawn = threading.Event()
    shown: list[str] = []

    def show(text: str) -> None:
        shown.append(text)
        drawn.set()

    line = Passing(show, ticks=True, columns=lambda: 80)
    line.doing("reading", late=True)
    assert not shown, "most are over before it need be said"
    assert drawn.wait(20 * LATE_S)
    line.clear()
    assert (shown[0], shown[-1]) == ("reading", "")


def test_a_wait_tells_for_how_long_nothing_was_heard(watch: Watch) -> None:
    lines = Sparse(watch.shown.append, now=watch.now)
    lines.doing("picking the classifier")
    watch.now_s = 29.0
    lines.doing("picking the classifier")
    line = Passing(watch.shown.append, now=watch.now, columns=lambda: 80)
    line.doing("asking")
    assert line._step is not None
    assert watch.shown == ["picking the classifier", "asking"]
    assert (line._step.tail(30.9), line._step.tail(33.5)) == ("", " (4 s)")


def test_a_log_has_a_line_a_step_and_one_every_half_minute(watch: Watch) -> None:
    lines = Sparse(watch.shown.append, now=watch.now)
    lines.doing("reading", late=True)
    for second in range(100):
        watch.now_s = float(second)
        lines.doing("listing", second, 400)
    lines.doing("compiling")
    lines.clear()
    assert watch.shown == [
        "listing: 0 of 400",
        "listing: 30 of 400, about 6 min left",
        "listing: 60 of 400, about 6 min left",
        "listing: 90 of 400, about 5 min left",
        "compiling",
    ]
