"""Which run is meant where none is named."""

from __future__ import annotations

from pathlib import Path

from tests.unit.app.run.test_run_directory import make

from coralrun.app.run.default_run import newest_run, unfinished_runs
from coralrun.machine import facts
from coralrun.machine.reasons import Reason
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal


def test_the_newest_run_is_meant_and_a_damaged_one_only_when_there_is_no_other(tmp_path: Path) -> None:
    damaged = make(tmp_path, "c", "2026-03-01T00:00:00Z", damaged=True)
    assert newest_run(tmp_path) == damaged

    older = make(tmp_path, "a", "2026-01-01T00:00:00Z")
    newer = make(tmp_path, "b", "2026-02-01T00:00:00Z")

    assert newest_run(tmp_path) == newer
    assert list(unfinished_runs(tmp_path)) == [newer, older, damaged]


def test_a_folder_without_runs_has_no_newest_run(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()

    assert newest_run(tmp_path) is None
    assert newest_run(tmp_path / "nowhere") is None


def test_a_finished_run_without_its_last_table_is_one_to_resume(tmp_path: Path) -> None:
    layout = Layout(make(tmp_path, "a", "2026-01-01T00:00:00Z"))
    journal = RunJournal(layout, Disk(), run.load(layout, Disk()))
    at = "2026-01-01T00:00:00Z"
    journal.append((facts.Ended(at, {0: Reason.NO_SIZE}), facts.Finished(at)))
    journal.close()
    assert list(unfinished_runs(tmp_path)) == [layout.root]

    (layout.outputs / "jobs.csv").write_text("job\n")

    assert list(unfinished_runs(tmp_path)) == []


def test_a_run_whose_state_is_damaged_is_meant_only_when_there_is_no_other(tmp_path: Path) -> None:
    older = make(tmp_path, "a", "2026-01-01T00:00:00Z")
    newer = make(tmp_path, "b", "2026-02-01T00:00:00Z")
    Layout(newer).journal(0).write_text("{}\n")

    assert newest_run(tmp_path) == older
    assert list(unfinished_runs(tmp_path)) == [older, newer]
