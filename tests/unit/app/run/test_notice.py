"""What a process says of itself while it works, and what another makes of it."""

from __future__ import annotations

import json
from pathlib import Path

from coralrun.app.run.notice import EVERY_S, noticing
from coralrun.clock import SystemClock
from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import facts
from coralrun.machine.draft import Decision, Wait
from coralrun.machine.durable import Durable
from coralrun.machine.notes import Channel, Failing
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile, observe
from coralrun.store import notice

WAITING = Decision((), (Wait(40.0, "the next look at the jobs: no job took less than 120 s"),))


class Listener:
    """Counts what is passed on."""

    def __init__(self) -> None:
        self.decisions = self.facts = 0

    def decided(self, state: State, decision: Decision, now: float) -> None:
        self.decisions += 1

    def happened(self, state: State, fact: facts.Fact) -> None:
        self.facts += 1


def a_state() -> State:
    setup = Setup(entries=(), sizes=(), batch_size=1, concurrency=1, attempts=1, allowed=LIMITS)
    return State(setup, Durable(), Volatile(started_s=0.0))


def test_the_note_says_what_is_waited_for_and_why_and_is_gone_in_the_end(tmp_path: Path) -> None:
    path, listener = tmp_path / "run.now", Listener()
    with noticing(listener, path, SystemClock()) as watcher:
        watcher.decided(a_state(), WAITING, 0.0)
        watcher.happened(a_state(), facts.Finished("2026-01-01T00:00:00Z"))
        said = notice.read(path)
    assert said is not None
    assert said.doing == "waiting 40 s for the next look at the jobs: no job took less than 120 s"
    assert (listener.decisions, listener.facts) == (1, 1)
    assert not path.exists()


def test_the_note_of_a_process_that_was_killed_can_be_dropped(tmp_path: Path) -> None:
    (tmp_path / "run.now").write_text(json.dumps({"at": "2026-01-01T12:00:00Z", "doing": "sending a batch"}))
    notice.drop(tmp_path / "run.now")
    assert list(tmp_path.iterdir()) == []
    notice.drop(tmp_path / "run.now")


def test_the_note_is_written_anew_every_few_seconds_and_no_more_often(tmp_path: Path) -> None:
    path = tmp_path / "run.now"
    with noticing(Listener(), path, SystemClock()) as watcher:
        watcher.decided(a_state(), WAITING, 0.0)
        path.unlink()
        watcher.decided(a_state(), WAITING, EVERY_S - 0.1)
        assert not path.exists()
        watcher.decided(a_state(), WAITING, EVERY_S)
        assert path.exists()


def test_the_note_says_who_does_not_answer_and_counts_uploads_as_progress(tmp_path: Path) -> None:
    path, state = tmp_path / "run.now", a_state()
    with noticing(Listener(), path, SystemClock()) as watcher:
        for at_s in (10.0, 20.0, 30.0):
            observe(state.volatile, Failing(Channel.IMAGES), at_s)
        observe(state.volatile, Failing(Channel.API), 5.0)
        watcher.happened(state, facts.Uploaded("2026-01-01T00:00:00Z", "1/p.jpg", "7", "0f" * 32))
        watcher.decided(state, WAITING, 40.0)
        said = notice.read(path)
    assert said is not None
    assert (said.away, said.away_s) == ("the images' site cannot be reached", 30.0)
    assert said.last_progress


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    with noticing(Listener(), tmp_path / "away" / "run.now", SystemClock()) as watcher:
        watcher.decided(a_state(), WAITING, 0.0)


def test_the_note_says_when_an_image_ended_last_how_fast_they_do_and_what_is_left(tmp_path: Path) -> None:
    path, state = tmp_path / "run.now", a_state()
    state.durable.wanted = 100
    with noticing(Listener(), path, SystemClock()) as watcher:
        watcher.decided(state, WAITING, 0.0)
        first = notice.read(path)
        state.durable.succeeded = 10
        watcher.decided(state, WAITING, 36.0)
        later = notice.read(path)
    assert first is not None
    assert later is not None
    assert (first.last_progress, first.images_per_hour, first.left_s) == ("", None, None)
    assert later.last_progress >= first.at
    assert (later.images_per_hour, later.left_s) == (1000.0, 324.0)
