"""What `apply` makes sure of before a run is made, and what going on with one costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.unit.plans import PLAN
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.applying import apply
from coralrun.app.beforehand.planned import priced
from coralrun.app.run.run_directory import holding, make_run, open_run, tables_stand, unseal
from coralrun.clock import SystemClock
from coralrun.connection import Connection
from coralrun.console.printer import Printer
from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import EXIT_COMPLETE, LockedError, UsageError
from coralrun.machine import facts
from coralrun.machine.outcomes import Listed
from coralrun.machine.reasons import Reason
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal


def test_files_that_came_into_the_place_during_the_crawl_are_not_mixed_with_a_runs(tmp_path: Path) -> None:
    saved = replace(PLAN, service="https://coralnet.example")
    place = tmp_path / "run"
    place.mkdir()
    (place / "thesis.doc").write_text("a year of work")
    connection = SimpleNamespace(account="ann", clock=None, confusion=lambda classifier: "")
    planned = priced(saved, LIMITS, Listed((), (), 5))

    with pytest.raises(UsageError, match=r"holds other files \(thesis\.doc\)"):
        apply.start(place, planned, None, cast(Connection, connection), True, Printer())

    assert not (place / "run.json").exists()


def test_a_runs_plan_is_read_once_when_it_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A"))])
    read: list[Path] = []
    whole = Disk.read

    def counted(disk: Disk, path: Path) -> bytes:
        read.append(path)
        return whole(disk, path)

    monkeypatch.setattr(Disk, "read", counted)

    assert apply.resume(run.layout.root, Printer()) == EXIT_COMPLETE
    assert read.count(run.folder.images) == 1


def test_a_mistyped_path_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        apply.resume(tmp_path / "reeef", Printer())
    assert list(tmp_path.iterdir()) == []


def about_to_finish(folder: Path) -> Layout:
    """A run of which every image has ended, and that no process has said to be finished."""
    make_run(Layout(folder), PLAN, None, account="demo", clock=SystemClock())
    opened = open_run(folder)
    journal = RunJournal(opened.layout, Disk(), opened.loaded)
    journal.append([facts.Ended("2026-01-01T00:00:00Z", {0: Reason.NOT_FOUND})])
    journal.close()
    return opened.layout


def finished_without_tables(folder: Path) -> Layout:
    """A run whose process ended between its last fact and its tables."""
    layout = finished_run(folder, [Photo("a.jpg", sure("A"))]).layout
    unseal(layout, Disk())
    return layout


@pytest.mark.parametrize("make", [about_to_finish, finished_without_tables])
def test_a_run_is_held_until_its_last_table_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Layout]
) -> None:
    layout = make(tmp_path / "reef")
    written: list[str] = []
    whole = Disk.replace_from

    def tried_meanwhile(disk: Disk, path: Path, chunks: Iterable[bytes]) -> None:
        if path.parent == layout.outputs:
            with pytest.raises(LockedError), holding(layout):
                pytest.fail("another process may write tables too")
            written.append(path.name)
        whole(disk, path, chunks)

    monkeypatch.setattr(Disk, "replace_from", tried_meanwhile)

    apply.resume(layout.root, Printer())

    assert tables_stand(layout)
    assert {"predictions.csv", "failures.csv", "jobs.csv"} <= set(written)
    with holding(layout):
        pass
