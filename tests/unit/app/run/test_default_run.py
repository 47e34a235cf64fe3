"""Which run is meant where none is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.unit.app.run.test_run_directory import make

from coralrun.app.run.default_run import DefaultRun, last_run, unfinished_run
from coralrun.app.run.run_directory import holding
from coralrun.app.run.runs import runs_in
from coralrun.machine import facts
from coralrun.machine.reasons import Reason
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

AT = "2026-01-01T00:00:00Z"


def test_the_last_run_is_meant_and_a_damaged_one_only_when_there_is_no_other(tmp_path: Path) -> None:
    damaged = make(tmp_path, "c", "2026-03-01T00:00:00Z", damaged=True)
    assert last_run(tmp_path) == DefaultRun(damaged, 1, None)

    make(tmp_path, "a", AT)
    newer = make(tmp_path, "b", "2026-02-01T00:00:00Z")

    assert last_run(tmp_path) == unfinished_run(tmp_path) == DefaultRun(newer, 3, None)


def test_what_was_worked_on_last_is_meant_whenever_it_was_begun(tmp_path: Path) -> None:
    """And whoever asks hears of the one that was begun later."""
    first, second = make(tmp_path, "a", AT), make(tmp_path, "b", "2026-02-01T00:00:00Z")
    with holding(Layout(first)):
        pass
    assert last_run(tmp_path) == unfinished_run(tmp_path) == DefaultRun(first, 2, second)

    Layout(second).report.mkdir()
    Layout(second).report_page.write_text("made anew")
    os.utime(Layout(second).report_page, (4e9, 4e9))
    assert last_run(tmp_path) == DefaultRun(second, 2, None)


def test_a_run_that_was_put_some_folders_deeper_is_meant_as_any_other(tmp_path: Path) -> None:
    make(tmp_path, "a", AT)
    deeper = make(tmp_path / "archive/2025", "b", "2026-02-01T00:00:00Z", number=1)
    too_deep = make(tmp_path / "old/archive/2025", "c", "2026-03-01T00:00:00Z", number=2)
    assert last_run(tmp_path) == unfinished_run(tmp_path) == DefaultRun(deeper, 2, None)
    assert [listed.run_dir for listed in runs_in(tmp_path)] == [str(deeper), str(tmp_path / "a")]
    assert str(too_deep) in [listed.run_dir for listed in runs_in(tmp_path / "old")]


def test_a_copy_that_was_put_deeper_is_never_meant_in_place_of_its_run(tmp_path: Path) -> None:
    own = make(tmp_path, "reef", AT)
    shutil.copytree(own, tmp_path / "yesterday/reef")
    with holding(Layout(tmp_path / "yesterday/reef")):
        pass
    assert last_run(tmp_path) == unfinished_run(tmp_path) == DefaultRun(own, 1, None)
    assert len(runs_in(tmp_path)) == 2
    own.joinpath("run.json").unlink()
    assert last_run(tmp_path) == DefaultRun(tmp_path / "yesterday/reef", 1, None)


def test_it_is_said_which_run_is_taken_and_why() -> None:
    runs, reef = Path("runs"), Path("runs/reef")
    assert DefaultRun(reef, 1, None).described(runs) == "runs/reef: the only run under runs/"
    assert DefaultRun(reef, 4, None).described(runs) == "runs/reef: the run last worked on, of 4 under runs/"
    said = DefaultRun(reef, 4, Path("runs/pilot")).described(runs)
    assert said == "runs/reef: the run last worked on, though runs/pilot was begun later"


def test_a_folder_without_runs_has_none_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()

    assert last_run(tmp_path) is None
    assert last_run(tmp_path / "nowhere") is None


def test_a_finished_run_without_its_last_table_is_one_to_resume(tmp_path: Path) -> None:
    layout = finished(tmp_path, "a")
    assert unfinished_run(tmp_path) == DefaultRun(layout.root, 1, None)

    (layout.outputs / "jobs.csv").write_text("job\n")

    assert unfinished_run(tmp_path) is None


def test_photos_that_were_uploaded_alone_are_no_run_to_read(tmp_path: Path) -> None:
    layout = finished(tmp_path, "uploads")
    (layout.outputs / "jobs.csv").write_text("job\n")
    assert last_run(tmp_path) is None
    assert last_run(tmp_path, uploads=True) == DefaultRun(layout.root, 1, None)


def finished(folder: Path, name: str) -> Layout:
    layout = Layout(make(folder, name, AT))
    journal = RunJournal(layout, Disk(), run.load(layout, Disk()))
    journal.append((facts.Ended(AT, {0: Reason.NO_SIZE}), facts.Finished(AT)))
    journal.close()
    return layout


def test_a_run_whose_state_is_damaged_is_meant_only_when_there_is_no_other(tmp_path: Path) -> None:
    older = make(tmp_path, "a", AT)
    newer = make(tmp_path, "b", "2026-02-01T00:00:00Z")
    Layout(newer).journal(0).write_text("{}\n")

    assert last_run(tmp_path) == unfinished_run(tmp_path) == DefaultRun(older, 2, None)
