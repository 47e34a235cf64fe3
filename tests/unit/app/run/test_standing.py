"""Where a run stands is what its files, its process and its lock tell together; what is dead is never at work."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from tests.unit.app.run.test_summary import SUMMARY
from tests.unit.states import state_of

from coralrun.app.run.standing import AWAY_S, EXIT_CODES, FRESH_S, HANGS_S, STILL_S, Standing, seen, stands_still
from coralrun.app.run.summary import summary_lines
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.reasons import Reason
from coralrun.store import lock, notice
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SAID = notice.Notice("2026-01-01T12:00:00Z", "fetching a result", "2026-01-01T11:59:00Z", 1000.0, 3600.0)


@pytest.fixture(scope="module")
def dead_pid() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def owned(layout: Layout, pid: int, host: str = platform.node()) -> Layout:
    """A run whose process said of itself what it does at noon."""
    Disk().make_directory(layout.root)
    owner = f'{{"pid": {pid}, "host": "{host}", "since": "2026-01-01T11:00:00Z"}}'
    layout.owner.write_text(owner)
    notice.write(layout.now, SAID)
    return layout


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def at(seconds: float) -> str:
    return later(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def replace_note(**said: Any) -> notice.Notice:
    return structs.replace(SAID, **said)


def test_a_process_that_says_what_it_does_is_at_work(tmp_path: Path) -> None:
    layout = owned(Layout(tmp_path / "run"), os.getpid())
    standing, process = seen(layout, state_of(1), NOON)
    assert standing is Standing.WORKING
    assert process is not None
    assert (process.pid, process.host, process.since) == (os.getpid(), platform.node(), "2026-01-01T11:00:00Z")
    assert (process.images_per_hour, process.left_s, process.doing) == (1000.0, 3600.0, "fetching a result")


def test_a_process_that_is_gone_is_dead_however_lately_it_spoke(tmp_path: Path, dead_pid: int) -> None:
    layout = owned(Layout(tmp_path / "run"), dead_pid)
    standing, process = seen(layout, state_of(1), NOON)
    assert standing is Standing.DEAD
    assert process is not None
    assert process.heard_of == "2026-01-01T12:00:00Z"


def test_a_process_that_is_silent_is_at_work_while_it_holds_the_lock(tmp_path: Path) -> None:
    layout = owned(Layout(tmp_path / "run"), os.getpid())
    late = later(FRESH_S + 1)
    assert seen(layout, state_of(1), late)[0] is Standing.DEAD, "another process has its number now"
    with lock.hold(layout, Disk(), since="2026-01-01T11:00:00Z"):
        assert seen(layout, state_of(1), late)[0] is Standing.WORKING


def test_what_a_dead_process_did_is_told_as_the_past_and_how_to_go_on(tmp_path: Path, dead_pid: int) -> None:
    for pid, standing in ((os.getpid(), Standing.WORKING), (dead_pid, Standing.DEAD)):
        layout = owned(Layout(tmp_path / "run"), pid)
        _, process = seen(layout, state_of(1), NOON)
        text = "\n".join(summary_lines(replace(SUMMARY, standing=standing, process=process)))
        is_dead = standing is Standing.DEAD
        assert ("now     fetching a result" in text) is not is_dead
        assert ("1,000 images an hour, about 1 h 00 min left" in text) is not is_dead
        assert ("last heard of 2026-01-01T12:00:00Z: fetching a result" in text) is is_dead
        assert ("go on with" in text) is is_dead


def test_a_process_that_was_refused_does_not_stand_for_the_one_that_was_killed(tmp_path: Path, dead_pid: int) -> None:
    layout = owned(Layout(tmp_path / "run"), dead_pid)
    layout.owner.write_text(f'{{"pid": {dead_pid}, "host": "{platform.node()}", "since": "2026-01-01T12:30:00Z"}}')
    standing, process = seen(layout, state_of(1), NOON)
    text = "\n".join(summary_lines(replace(SUMMARY, standing=standing, process=process)))
    assert "  killed  a process, last heard of 2026-01-01T12:00:00Z: fetching a result" in text


def test_of_another_computer_only_the_note_tells(tmp_path: Path, dead_pid: int) -> None:
    layout = owned(Layout(tmp_path / "run"), dead_pid, "elsewhere.example")
    assert seen(layout, state_of(1), later(FRESH_S))[0] is Standing.WORKING
    assert seen(layout, state_of(1), later(FRESH_S + 1))[0] is Standing.DEAD


def test_a_note_of_no_day_of_the_calendar_is_that_of_a_dead_process(tmp_path: Path) -> None:
    layout = owned(Layout(tmp_path / "run"), os.getpid(), "elsewhere.example")
    notice.write(layout.now, notice.Notice("2026-02-31T12:00:00Z", "x"))
    assert seen(layout, state_of(1), NOON)[0] is Standing.DEAD


def ended(*happened: facts.Fact) -> Durable:
    state = state_of(1)
    for fact in happened:
        apply(state, fact)
    return state


def test_without_a_note_the_facts_say_how_a_run_stands(tmp_path: Path) -> None:
    layout, at = Layout(tmp_path), "2026-01-01T12:00:00Z"
    over = (facts.Ended(at, {0: Reason.NO_SIZE}), facts.Finished(at))
    assert seen(layout, state_of(1)) == (Standing.STOPPED, None)
    assert seen(layout, ended(facts.Paused(at, PauseWhy.NO_SLOTS, "full"))) == (Standing.PAUSED, None)
    assert seen(layout, ended(*over)) == (Standing.FINISHED, None)
    owned(layout, os.getpid())
    assert seen(layout, ended(*over)) == (Standing.FINISHED, None), "a note that was left behind says nothing"


def test_every_standing_has_an_exit_code_of_its_own() -> None:
    assert {standing for standing, _ in EXIT_CODES} == set(Standing)
    assert EXIT_CODES[Standing.FINISHED, False] == 0
    assert len(set(EXIT_CODES.values())) == len(Standing) + 1


def test_a_process_that_gets_on_or_waits_for_a_while_is_left_alone(tmp_path: Path) -> None:
    layout = owned(Layout(tmp_path / "run"), os.getpid())
    assert stands_still(layout, later(HANGS_S)) == ""
    notice.write(layout.now, replace_note(away="the service takes no batches", away_s=AWAY_S))
    assert stands_still(layout, NOON) == ""
    layout.now.unlink()
    assert stands_still(layout, NOON) == ""


def test_a_process_that_hangs_waits_for_an_hour_or_ends_no_image_all_day_is_told_of(tmp_path: Path) -> None:
    layout = owned(Layout(tmp_path / "run"), os.getpid())
    assert stands_still(layout, later(HANGS_S + 1)) == "it has said nothing since 2026-01-01T12:00:00Z"
    notice.write(layout.now, replace_note(away="the images' site cannot be reached", away_s=3 * AWAY_S))
    assert (
        stands_still(layout, NOON)
        == "the images' site cannot be reached, for 3 h 00 min; it is asked again for a day in all"
    )
    notice.write(layout.now, replace_note(last_progress=""))
    layout.owner.write_text(f'{{"pid": 1, "host": "h", "since": "{at(-STILL_S - 1)}"}}')
    assert stands_still(layout, NOON) == f"no image has ended since {at(-STILL_S - 1)}; fetching a result"
    layout.now.unlink()
    assert stands_still(layout, NOON) == f"it has said nothing since it began, at {at(-STILL_S - 1)}"
