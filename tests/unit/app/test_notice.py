"""What a process says of itself while it works, and what another makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coralrun.app.notice import EVERY_S, FRESH_S, noticing, read_notice
from coralrun.clock import SystemClock
from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import facts
from coralrun.machine.draft import Decision, Wait
from coralrun.machine.durable import Durable
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.store import notice

ODD_DAY = '{"at": "2026-02-31T12:00:00Z", "doing": "x"}'
AT = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
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
        said = read_notice(path)
    assert said == "waiting 40 s for the next look at the jobs: no job took less than 120 s"
    assert (listener.decisions, listener.facts) == (1, 1)
    assert not path.exists()
    assert read_notice(path) == ""


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


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    with noticing(Listener(), tmp_path / "away" / "run.now", SystemClock()) as watcher:
        watcher.decided(a_state(), WAITING, 0.0)


def test_an_old_or_broken_note_is_none(tmp_path: Path) -> None:
    path = tmp_path / "run.now"
    path.write_text(json.dumps({"at": "2026-01-01T12:00:00Z", "doing": "sending a batch"}))
    assert read_notice(path, AT) == "sending a batch"
    assert read_notice(path, AT + timedelta(seconds=FRESH_S + 1)) == ""
    for broken in ("", "[]", '{"at": 3, "doing": "x"}', '{"at": "yesterday", "doing": "x"}', ODD_DAY):
        path.write_text(broken)
        assert read_notice(path, AT) == ""
