"""What jobs have done that are not over is told to people, where the service tells it, and to nobody else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.machine.by_hand import Engine
from tests.unit.machine.test_told_progress import at_work, hears
from tests.unit.schemas.test_schemas import accepts

from coralrun.app.run.events import MESSAGE, Events
from coralrun.app.run.headway import Headway, Pace, classify_s
from coralrun.app.run.progress import PlainProgress, doing
from coralrun.console.live import LiveProgress
from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import effects, outcomes
from coralrun.machine.outcomes import Progress
from coralrun.machine.state import PhotoToUpload, State
from coralrun.machine.stored_photos import StoredPhoto

COUNTS = (10,) * 80


def now_at_work(engine: Engine, of: Mapping[str, int] | None = None) -> str:
    return doing(engine.state, engine.decide(), engine.now)


def test_without_a_word_from_the_service_nothing_is_counted() -> None:
    engine = at_work()
    hears(engine)
    assert engine.state.images_done_in_jobs() == 0
    assert "classifying" not in now_at_work(engine)


def test_what_is_going_on_is_the_jobs_and_a_long_wait_has_its_reason() -> None:
    engine = at_work()
    hears(engine, job7=Progress(0, 0, 40))
    said = [now_at_work(engine)]
    hears(engine, job7=Progress(7, 5, 40))
    engine.state.volatile.in_flight[effects.List()] = engine.now
    said.append(now_at_work(engine))
    del engine.state.volatile.in_flight[effects.List()]
    engine.hears(effects.List(), outcomes.Trouble(outcomes.TroubleKind.UNREACHABLE))
    said.append(now_at_work(engine))
    assert said[0].startswith("classifying 40 images, none done yet, ")
    assert said[1] == "classifying 40 images, 12 done"
    assert said[2].startswith("waiting 5 s for the service")


def test_a_block_shows_what_jobs_have_done_and_for_how_long_nothing_was() -> None:
    shown: list[str] = []
    engine, block = at_work(), LiveProgress(shown.append, COUNTS)
    for seconds, done in ((0, 0), (10, 20), (10, 20), (1, 25)):
        engine.sleeps(seconds)
        hears(engine, job7=Progress(done, 0, 40))
        block.decided(engine.state, engine.decide(), engine.now)
    lines = [text.split("\n") for text in shown]
    assert [line[0].rpartition("░ ")[2] for line in lines] == [f"{n} of 80 images" for n in (0, 20, 20, 25)]
    assert [line[1] for line in lines] == [f"points      {n} of 800" for n in (0, 200, 200, 250)]
    assert "first result" in lines[0][4]
    assert lines[1][4] == "time left   about 30 s"
    assert [line[5].partition("(")[2] for line in lines] == ["", "", "nothing new for 10 s)", ""]


def test_a_job_that_waits_to_be_fetched_is_not_called_active() -> None:
    shown: list[str] = []
    engine, block = at_work(), LiveProgress(shown.append, COUNTS)
    for finished in ((), ("7",)):
        engine.sleeps(1.0)
        hears(engine, finished=finished)
        block.decided(engine.state, engine.decide(), engine.now)
    assert [text.split("\n")[2] for text in shown] == [
        "jobs        active 1 (7), over 0",
        "jobs        active 0 (none), to be fetched 1, over 0",
    ]


def test_the_pace_of_a_process_is_not_made_of_what_others_did_before_it() -> None:
    engine, headway = Engine(80, batch_size=40), Headway()
    headway.see(engine.state, engine.now)
    engine = at_work()
    engine.state.volatile.listed_s = None
    headway.see(engine.state, engine.now)
    hears(engine, job7=Progress(30, 0, 40))
    assert not headway.see(engine.state, engine.now), "an earlier process did them"
    assert (headway.done, headway.left_s(engine.state, engine.now + 5.0)) == (30, None)
    engine.sleeps(10.0)
    hears(engine, job7=Progress(35, 0, 40))
    assert headway.see(engine.state, engine.now)
    assert (headway.per_s(engine.now), headway.left_s(engine.state, engine.now)) == (0.5, 90.0)


def test_a_pace_is_that_of_recent_work_and_no_pause_slows_it() -> None:
    engine, headway = at_work(), Headway()
    hears(engine, job7=Progress(0, 0, 40))
    headway.see(engine.state, engine.now)
    paces = []
    for done, in_s in ((10, 10.0), (20, 40_000.0), (30, 10.0)):
        engine.sleeps(in_s)
        hears(engine, job7=Progress(done, 0, 40))
        headway.see(engine.state, engine.now)
        paces.append(headway.per_s(engine.now))
    assert paces[0] == 1.0, "ten images in ten seconds"
    assert paces[2] == 1.5, "the computer slept for half a day: that is no work"
    engine.hears(effects.List(), outcomes.Trouble(outcomes.TroubleKind.UNREACHABLE))
    headway.see(engine.state, engine.now)
    for _ in range(100):
        engine.sleeps(300.0)
        headway.see(engine.state, engine.now)
    assert headway.per_s(engine.now) == 1.5, "nor is a time in which nobody answers"


def test_a_pace_forgets_what_is_long_past_unless_little_came_since() -> None:
    pace = Pace()
    pace.begin(0.0, 0)
    for change in range(1, 101):
        pace.mark(change * 1000.0, change)
    for change in range(1, 21):
        pace.mark(100_000.0 + change * 100.0, 100 + 10 * change)
    assert pace.per_s(102_000.0) == 0.1
    assert pace.left_s(60, 102_000.0) == pytest.approx(600.0)


def test_uploads_are_foretold_with_what_follows_and_are_no_part_of_its_pace() -> None:
    engine, headway = at_work(), Headway()
    photos = tuple(PhotoToUpload(unit, "1", f"{unit}.jpg", "0" * 64) for unit in range(80))
    engine.state = State(replace(engine.state.setup, uploads=photos), engine.state.durable, engine.state.volatile)
    active, engine.state.durable.active = engine.state.durable.active, {}
    headway.see(engine.state, engine.now)
    engine.state.durable.stored = {photo.image: StoredPhoto("7", photo.sha256, ours=True) for photo in photos[:20]}
    engine.sleeps(100.0)
    headway.see(engine.state, engine.now)
    assert classify_s(engine.state) == LIMITS.job_takes_s, "two batches, at the same time"
    assert headway.left_s(engine.state, engine.now) == 300.0 + LIMITS.job_takes_s
    engine.state.durable.stored = {photo.image: StoredPhoto("7", photo.sha256, ours=True) for photo in photos}
    engine.state.durable.active = active
    hears(engine, job7=Progress(0, 0, 40))
    headway.see(engine.state, engine.now)
    engine.sleeps(10.0)
    hears(engine, job7=Progress(20, 0, 40))
    headway.see(engine.state, engine.now)
    assert headway.left_s(engine.state, engine.now) == 30.0


def test_a_log_and_programs_are_told_now_and_then_how_far_jobs_are() -> None:
    told, written = list[str](), list[str]()
    engine, log, events = at_work(), PlainProgress(told.append), Events(written.append, lambda: "2026-01-01T00:00:00Z")
    for done in range(40):
        hears(engine, job7=Progress(done, 0, 40))
        for watcher in (log, events):
            watcher.decided(engine.state, engine.decide(), engine.now)
    lines = [f"images done: {done} of 80" for done in (10, 20, 30)]
    assert [line for line in told if "images done: " in line] == lines
    said = [json.loads(line) for line in written]
    assert [(line["event"], line["text"], line["done"], line["done_in_jobs"]) for line in said] == [
        (MESSAGE, line, 0, done) for line, done in zip(lines, (10, 20, 30), strict=True)
    ]
    assert all(accepts("event", line) for line in said)
