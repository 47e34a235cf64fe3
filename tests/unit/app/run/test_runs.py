"""Runs are listed without reading their plans, and only what is finished and coralrun's own is removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.app.reviewing import review
from coralrun.app.run.run_directory import OpenRun, holding
from coralrun.app.run.runs import remove, runs_in
from coralrun.app.run.standing import Standing
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.errors import LockedError, UsageError
from coralrun.review.drawing import SampleRequest
from coralrun.store import lock
from coralrun.store.files import Disk
from coralrun.store.layout import Layout


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    return finished_run(tmp_path / "runs" / "reef", [Photo("a.jpg", sure(["Coral"])), Photo("b.jpg", None)])


def test_runs_are_listed_with_how_they_stand_and_damaged_ones_last(run: OpenRun) -> None:
    folder = run.layout.root.parent
    finished_run(folder / "broken", [Photo("a.jpg", sure(["Coral"]))])
    (folder / "broken" / "run.json").write_text("{")
    (folder / "holiday").mkdir()

    reef, broken = runs_in(folder)

    assert (reef.name, reef.standing, reef.images_over, reef.images) == ("reef", Standing.FINISHED, 2, 2)
    assert reef.size_bytes == sum(path.stat().st_size for path in run.layout.root.rglob("*") if path.is_file())
    assert "damaged" in broken.damage
    printed = CliRunner().invoke(app, ["runs", str(folder)]).stdout.splitlines()
    assert CliRunner().invoke(app, ["runs", str(folder.parent)]).stdout.splitlines() == printed
    assert printed[0].startswith(
        f"{run.layout.root}: finished, 2 of 2 images, 1 of them failed, https://coralnet.ucsd.edu, "
    )
    assert ": DAMAGED, " in printed[1]


def test_a_folder_without_runs_is_told(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["runs", str(tmp_path)]).stdout == f"There is no run under {tmp_path}.\n"


def test_a_finished_run_is_removed_whole(run: OpenRun) -> None:
    review.draw(run, SampleRequest(sample="1"), SystemClock())
    size = sum(path.stat().st_size for path in run.layout.root.rglob("*") if path.is_file())

    assert remove(run) >= size

    assert not run.layout.root.exists()
    assert run.layout.root.parent.exists()


def test_a_run_that_is_not_finished_is_not_removed(run: OpenRun) -> None:
    (run.layout.outputs / "jobs.csv").unlink()
    with pytest.raises(UsageError, match="is not finished"):
        remove(run)
    assert run.layout.results.exists()


def test_a_run_that_another_process_works_on_is_not_removed(run: OpenRun) -> None:
    with holding(run.layout), pytest.raises(LockedError):
        remove(run)
    assert run.layout.identity.exists()


@pytest.mark.parametrize("name", ["thesis.doc", "outputs/figure.png", "plans/001/inputs/notes/mine.txt"])
def test_a_run_that_holds_somebody_elses_file_is_not_removed(run: OpenRun, name: str) -> None:
    path = run.layout.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("a year of work")
    with pytest.raises(UsageError, match=f"holds files that are not coralrun's: {name}"):
        remove(run)
    assert path.exists()
    assert run.layout.identity.exists()


def test_a_run_of_photos_that_were_uploaded_alone_is_removed_without_a_provenance(run: OpenRun) -> None:
    for path in run.layout.outputs.iterdir():
        if path.name not in ("failures.csv", "jobs.csv"):
            path.unlink()
    run.layout.crate.unlink()
    (run.layout.outputs / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"are not coralrun's: outputs/thesis\.txt$"):
        remove(run)
    (run.layout.outputs / "thesis.txt").unlink()
    assert remove(run) > 0
    assert not run.layout.root.exists()


def test_removing_is_asked_for_twice(run: OpenRun) -> None:
    root = str(run.layout.root)
    refused = CliRunner().invoke(app, ["runs", "--remove", root, "--json"])
    assert (refused.exit_code, json.loads(refused.stdout)["remedy"]) == (2, "Say --yes, if you mean it.")
    done = CliRunner().invoke(app, ["runs", "--remove", root, "--yes", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["removed"]) == (0, root)
    assert not run.layout.root.exists()


def test_a_removed_run_of_few_kilobytes_is_not_said_to_free_nothing(run: OpenRun) -> None:
    done = CliRunner().invoke(app, ["runs", "--remove", str(run.layout.root), "--yes"])
    assert done.stdout.endswith(" kB are free\n")


def test_a_run_is_held_until_nothing_of_it_is_left(run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    whole = Disk.remove_tree

    def second_comer(disk: Disk, path: Path) -> None:
        with pytest.raises(LockedError), lock.hold(run.layout, disk, since="now"):
            pytest.fail("two processes hold the run")
        left.append(path.name)
        whole(disk, path)

    monkeypatch.setattr(Disk, "remove_tree", second_comer)
    remove(run)
    assert {"outputs", "results", "state", "plans"} <= set(left)
    assert run.layout.lock.name not in left
    assert not run.layout.root.exists()


def test_where_a_held_lock_cannot_be_removed_it_is_once_it_is_let_go(
    run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop, dropped = lock.drop, []

    def windows(layout: Layout) -> bool:
        dropped.append(layout)
        return len(dropped) > 1 and drop(layout)

    monkeypatch.setattr(lock, "drop", windows)
    remove(run)
    assert len(dropped) == 2
    assert not run.layout.root.exists()


def test_a_run_that_somebody_begins_in_its_place_meanwhile_is_left(
    run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = lock.drop

    def and_another_comes(layout: Layout) -> bool:
        gone = drop(layout)
        layout.lock.touch()
        layout.identity.write_text("theirs")
        return gone

    monkeypatch.setattr(lock, "drop", and_another_comes)
    remove(run)
    assert run.layout.identity.read_text() == "theirs"
    assert run.layout.lock.exists()
