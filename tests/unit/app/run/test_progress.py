"""What is shown while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coralrun.app.run.progress import SILENT_S, Outages, PlainProgress, doing, fact_line, first_result
from coralrun.console.live import LiveProgress
from coralrun.console.printer import Printer
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS, LIMITS
from coralrun.machine import effects, facts, notes
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.decide import Decision
from coralrun.machine.draft import Wait
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.lengths import Length
from coralrun.machine.notes import Channel
from coralrun.machine.reasons import Reason
from coralrun.machine.state import State
from coralrun.machine.volatile import Volatile, observe
from coralrun.service.limits import Speed


def test_the_points_shown_grow_with_each_job_that_closes_and_each_image_that_ends() -> None:
    counts = [10**number for number in range(5)]
    state = State(cast(Any, None), Durable(), Volatile(0.0))
    durable: Any = state.durable
    progress = LiveProgress(cast(Any, None), counts)
    shown = [progress._points(state)]

    durable.ended[3] = "unreadable"
    shown.append(progress._points(state))
    durable.closed.append(SimpleNamespace(succeeded=(0, 2)))
    shown.append(progress._points(state))
    durable.ended |= {1: "unreadable", 4: "unreadable"}
    shown += [progress._points(state), progress._points(state)]

    assert shown == [0, 1000, 1101, 11111, 11111]
    durable.closed.append(SimpleNamespace(succeeded=(5, 7)))
    assert progress._points(state) == 11111, "units that the plan does not name have no points"


AT = "2026-01-01T00:00:00Z"
LOST = "job 7 of batch 1: the service no longer knows the job; 1 image again"


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        (facts.Collected(AT, 1, 1, "7", "0" * 64, 1), "batch 1 is done: 1 image; 1 of 1 image done"),
        (facts.GaveUp(AT, 1, 1, "7", Reason.JOB_LOST, {}, {0: Reason.JOB_LOST}), LOST),
        (facts.Limited(AT, 1), "the service takes 1 job at a time"),
    ],
)
def test_one_image_or_job_is_told_in_the_singular(fact: facts.Fact, line: str) -> None:
    durable = SimpleNamespace(wanted=1, units_over=1)
    state = cast(Any, SimpleNamespace(durable=durable, setup=SimpleNamespace(allowed=LIMITS)))

    assert fact_line(state, fact) == line


def a_run(active: Mapping[int, object], closed: Sequence[object], volatile: Volatile, allowed: Any = None) -> Any:
    """What progress reads of a run of 60 images, whose service takes 240 s for a job."""
    over = 8 * len(closed)
    durable = SimpleNamespace(
        active=active, closed=closed, ended={}, stored={}, units_over=over, wanted=60, open=None, upload=None
    )
    durable.is_over = over >= durable.wanted
    setup = SimpleNamespace(allowed=allowed or LIMITS, uploads=())
    tells_nothing: dict[str, Callable[[], object]] = {"jobs_told": lambda: iter(()), "images_done_in_jobs": lambda: 0}
    tells_nothing |= {"uploads_to_do": lambda: iter(()), "uploads_there": lambda: len(durable.stored)}
    return SimpleNamespace(durable=durable, volatile=volatile, setup=setup, **tells_nothing)


def test_the_first_result_is_foretold_by_how_long_jobs_take() -> None:
    volatile = Volatile(started_s=0.0)
    assert first_result(a_run({}, [], volatile), 0.0) == "first result expected in about 4 min"
    observe(volatile, notes.JobStarted("7", 100, True), 100.0)
    state = a_run({1: None}, [], volatile)
    assert first_result(state, 160.0) == "first result expected in about 3 min"
    assert first_result(state, 400.0) == "first result expected any moment: a job usually takes about 4 min"
    volatile.experience.learn(Length(100, 590.0, 610.0, 800.0))
    assert first_result(state, 400.0) == "first result expected in about 5 min"
    assert first_result(a_run({1: None}, [object()], volatile), 400.0) == ""


def test_the_first_result_of_ones_own_computers_is_foretold_by_its_points() -> None:
    volatile = Volatile(started_s=0.0)
    observe(volatile, notes.JobStarted("7", 100, True), 100.0)
    allowed = replace(LIMITS, job_takes_s=1.0, speed=Speed(0.01, 2, "as a rule"))
    active = {1: SimpleNamespace(units=range(100)), 2: SimpleNamespace(units=range(100, 130))}
    state = a_run(active, [], volatile, allowed)
    assert first_result(state, 160.0, lambda units: 600 * len(list(units))) == "first result expected in about 30 s"
    assert first_result(state, 160.0) == "", "a log knows no points"


def test_a_log_in_which_nothing_changes_is_told_how_the_run_stands() -> None:
    told: list[str] = []
    progress, volatile = PlainProgress(told.append), Volatile(started_s=0.0)
    looks = Decision((), (Wait(5000.0, "the next look at the jobs"),))
    for minute in range(30):
        active = {1: None} if minute else {}
        progress.decided(a_run(active, [], volatile), looks, 60.0 * minute)
    assert told == [
        "first result expected in about 4 min",
        "0 of 60 images done; waiting 1 h 12 min for the next look at the jobs",
        "0 of 60 images done; waiting 1 h 02 min for the next look at the jobs",
    ]
    assert SILENT_S == 600.0


def test_a_reply_that_is_lost_is_told_and_what_became_of_the_batch() -> None:
    told: list[str] = []
    progress, volatile = PlainProgress(told.append), Volatile(started_s=0.0)
    state = a_run({}, [object()], volatile)
    state.durable.open = Batch(4, (0,), Phase.INTENDED, 1)
    observe(volatile, notes.IntentFresh(4, 1), 0.0)
    progress.decided(state, Decision((), ()), 0.0)
    observe(volatile, notes.IntentUnsettled(), 60.0)
    for second in range(60, 120):
        progress.decided(state, Decision((), ()), float(second))
    progress.happened(state, facts.Refused(AT, 4, 1, RefusedWhy.NEVER_ARRIVED))
    assert told == [
        "the reply to batch 4 was lost: in 2 min 00 s it is known whether it arrived",
        "batch 4 did not arrive, and is sent again",
    ]


def test_of_a_service_without_jobs_none_is_told() -> None:
    state = a_run({1: SimpleNamespace(units=range(100))}, [], Volatile(started_s=0.0), IN_SOURCE_LIMITS)
    assert fact_line(state, facts.Limited(AT, IN_SOURCE_LIMITS.jobs_at_once)) is None
    assert fact_line(state, facts.Submitted(AT, 1, 1, "b00001.a1")) == "batch 1 is under way: 100 images"
    assert first_result(state, 0.0) == "first result expected in about 8 min at the earliest"
    assert doing(state, Decision((effects.List(),), ()), 0.0) == "asking which photos have labels"


def test_while_photos_are_uploaded_their_time_is_foretold_and_no_result(block: list[str]) -> None:
    state = a_run({}, [], Volatile(started_s=0.0))
    state.setup.uploads = (SimpleNamespace(unit=0),) * 60
    state.setup.classifies, state.setup.entries, state.setup.batch_size, state.setup.concurrency = True, (1,), 10, 5
    state.images_waiting = lambda: 60
    state.uploads_to_do = lambda: iter([state.setup.uploads[0]])
    assert first_result(state, 0.0) == ""
    progress = LiveProgress(lambda text: block.extend(text.splitlines()), [20] * 60)
    progress.decided(state, Decision((effects.AskNames(()),), ()), 0.0)
    assert "time left   not known yet" in block
    state.durable.stored = dict.fromkeys(range(10))
    progress.decided(state, Decision((effects.IntendUpload("1/a.jpg", ""),), ()), 4.0)
    assert block[-3:] == [
        "time left   about 20 s until the photos are there, then at least 8 min 00 s",
        "uploads     10 of 60 photos there",
        "now         uploading a photo",
    ]
    state.setup.classifies = False
    progress.decided(state, Decision((), ()), 8.0)
    assert "time left   about 40 s until the photos are there" in block


@pytest.fixture
def block() -> list[str]:
    """What the block at a terminal has shown."""
    return []


def test_a_run_is_finishing_once_all_is_over_and_not_before() -> None:
    ended = Decision((effects.Finish(),), ())
    assert doing(a_run({}, [object()] * 8, Volatile(started_s=0.0)), ended, 0.0) == "finishing"
    kept = Decision((effects.Adopt(1, 1, "7"),), ())
    assert doing(a_run({}, [], Volatile(started_s=0.0)), kept, 0.0) == "deciding what is next"


class Feed:
    """What a run without a terminal prints as channels fail and work, a minute apart, with many looks at each state."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.now = 0.0
        self.volatile = Volatile(started_s=0.0)
        self._progress = Outages(Printer().remark)
        self._capsys = capsys

    def note(self, note: notes.Note) -> list[str]:
        self.now += 60
        observe(self.volatile, note, self.now)
        state = cast(Any, SimpleNamespace(volatile=self.volatile))
        for second in range(20):
            self._progress.decided(state, self.now + second)
        return self._capsys.readouterr().err.splitlines()

    def fails(self, channel: Channel) -> list[str]:
        return self.note(notes.Failing(channel))

    def works(self, channel: Channel) -> list[str]:
        return self.note(notes.Working(channel))


@pytest.fixture
def feed(capsys: pytest.CaptureFixture[str]) -> Feed:
    return Feed(capsys)


LATER = "it is asked again, every 10 min at the longest, for a day; nothing is lost"


def test_a_service_that_is_away_is_told_once_and_so_is_that_it_is_back(feed: Feed) -> None:
    told = [feed.fails(Channel.API) for _ in range(50)]
    assert told[1] == [f"the service cannot be reached; {LATER}"]
    assert [lines for lines in told if lines] == [told[1]]
    assert feed.works(Channel.API) == ["the service is back after 50 min 00 s"]
    assert feed.works(Channel.API) == []
    feed.fails(Channel.API)
    assert feed.fails(Channel.API) == told[1], "the next time it is told again"


def test_one_request_that_fails_is_no_outage(feed: Feed) -> None:
    assert [feed.fails(Channel.API), feed.works(Channel.API), feed.fails(Channel.API), feed.works(Channel.API)] == [
        [],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel.SUBMIT, "the service takes no batches"),
        (Channel.RESULTS, "the service gives no results"),
        (Channel.THROTTLE, "the service takes no requests"),
        (Channel.IMAGES, "the images' site cannot be reached"),
    ],
)
def test_what_is_away_is_named_by_what_fails(feed: Feed, channel: Channel, said: str) -> None:
    feed.fails(channel)
    assert feed.fails(channel) == [f"{said}; {LATER}"]


def test_a_service_that_fails_in_several_ways_is_one_service(feed: Feed) -> None:
    channels = (Channel.API, Channel.RESULTS, Channel.SUBMIT)
    told = [line for _ in range(5) for channel in channels for line in feed.fails(channel)]
    assert told == [f"the service cannot be reached; {LATER}"]
    assert feed.works(Channel.API) == []
    assert feed.works(Channel.RESULTS) == []
    assert feed.works(Channel.SUBMIT) == ["the service is back after 17 min 00 s"]


def test_a_slot_that_another_client_was_faster_for_is_no_outage(feed: Feed) -> None:
    assert [feed.fails(Channel.SLOT) for _ in range(5)] == [[]] * 5


@pytest.mark.parametrize(
    ("stored", "found", "line"),
    [
        (7, {}, None),
        (10, {}, "photos that are there: 10 of 12"),
        (12, {}, "photos that are there: 12 of 12"),
        (7, {"adopted": True}, "n/a.jpg is uploaded to source 1 (found again: its reply had been lost); 7 of 12 there"),
        (7, {"unclaimed": True}, "n/a.jpg arrived after the run had given it up: it is in source 1, and not counted"),
    ],
)
def test_some_photos_that_are_uploaded_are_told_and_each_that_is_found_again(
    stored: int, found: dict[str, bool], line: str | None
) -> None:
    durable, setup = SimpleNamespace(wanted=12, units_over=0), SimpleNamespace(uploads=(None,) * 12)
    state = cast(Any, SimpleNamespace(durable=durable, setup=setup, uploads_there=lambda: stored))
    assert fact_line(state, facts.Uploaded(AT, "1/n/a.jpg", "5", "0" * 64, **found)) == line
