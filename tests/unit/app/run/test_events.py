"""What happens in a run is told to programs line by line, in the form that its schema gives."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.unit.app.run.test_notice import WAITING, Listener, a_state
from tests.unit.schemas.test_schemas import EVERY_FACT, accepts

from coralrun.app.run.events import MESSAGE, Events
from coralrun.console.event_file import also_written
from coralrun.console.printer import Printer
from coralrun.machine.apply import apply
from coralrun.machine.notes import Channel
from coralrun.machine.volatile import Outage

AT = "2026-01-01T00:00:00Z"


def test_every_fact_is_an_event_of_its_kind_with_how_far_the_run_is() -> None:
    written: list[str] = []
    events, state = Events(written.append, lambda: AT), a_state()
    for fact in EVERY_FACT:
        apply(state.durable, fact)
        events.happened(state, fact)
    lines = [json.loads(line) for line in written]
    assert [line["event"] for line in lines] == [fact.__struct_config__.tag for fact in EVERY_FACT]
    assert all(accepts("event", line) for line in lines)
    assert (lines[-1]["done"], lines[-1]["images"]) == (3, 10)
    (collected,) = (line for line in lines if line["event"] == "collected")
    assert (collected["batch"], collected["job"]) == (1, "42")
    assert collected["text"].startswith("batch 1 is done: ")


def test_an_outage_is_a_message() -> None:
    written: list[str] = []
    events, state = Events(written.append, lambda: AT), a_state()
    state.volatile.outages[Channel.API] = Outage(0.0, 9.0, 2, 0.0)
    events.decided(state, WAITING, 60.0)
    (line,) = map(json.loads, written)
    assert (line["at"], line["event"]) == (AT, MESSAGE)
    assert line["text"].startswith("the service cannot be reached")
    assert accepts("event", line)


def test_a_file_of_events_grows_beside_what_is_shown(tmp_path: Path) -> None:
    path, shown, state = tmp_path / "events.jsonl", Listener(), a_state()
    apply(state.durable, EVERY_FACT[0])
    for _ in range(2):
        with also_written(nullcontext(shown), path) as watcher:
            watcher.decided(state, WAITING, 0.0)
            watcher.happened(state, EVERY_FACT[0])
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["planned"] * 2
    assert (shown.decisions, shown.facts) == (2, 2)


def test_a_program_that_reads_json_hears_events_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    state = a_state()
    apply(state.durable, EVERY_FACT[0])
    with Printer(as_json=True).watching(None) as watcher:  # type: ignore[arg-type] # nothing of the run is asked for
        watcher.happened(state, EVERY_FACT[0])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err)["event"] == "planned"
