"""One process a run: the second is told who holds it, and a dead holder holds nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coralrun.errors import DiskError, LockedError
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.lock import drop, hold, is_held
from coralrun.store.temporary import beside

AT = "2026-01-01T00:00:00Z"
HOLDER = """
import sys
from pathlib import Path
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.lock import drop, hold, is_held
from coralrun.store.temporary import beside

with hold(Layout(Path(sys.argv[1])), Disk(), since="2026-01-01T00:00:00Z"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_who_holds_the_run(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with holder(tmp_path) as process:
        with (
            pytest.raises(LockedError, match=f"process {process.pid} on .*, since {AT}, is working on this run"),
            hold(layout, Disk(), since=AT),
        ):
            pytest.fail("both held it")
        process.communicate(timeout=10)
    with hold(layout, Disk(), since=AT):
        assert str(os.getpid()) in layout.owner.read_text()


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
        process.wait(timeout=10)
    layout = Layout(tmp_path)
    with hold(layout, Disk(), since=AT):
        assert layout.lock.exists()


def test_the_lock_file_stays_when_the_lock_is_given_back(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with hold(layout, Disk(), since=AT):
        inode = layout.lock.stat().st_ino
    assert layout.lock.exists()
    assert layout.lock.stat().st_ino == inode
    with hold(layout, Disk(), since=AT):
        assert layout.lock.stat().st_ino == inode


def test_a_note_that_cannot_be_read_does_not_hide_that_the_run_is_held(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        Layout(tmp_path).owner.write_text("{")
        with (
            pytest.raises(LockedError, match="another process is working on this run"),
            hold(Layout(tmp_path), Disk(), since=AT),
        ):
            pytest.fail("both held it")
        process.communicate(timeout=10)


@pytest.mark.parametrize("name", ["ENOSYS", "ENOLCK", "ENOTSUP"])
def test_a_file_system_without_locks_is_named_and_nothing_is_done_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    number = getattr(errno, name)

    def refuses(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuses)
    with (
        pytest.raises(DiskError, match=r"run\.lock: this file system cannot lock files") as refused,
        hold(Layout(tmp_path), Disk(), since=AT),
    ):
        pytest.fail("it was held without a lock")
    assert "--run-dir" in refused.value.remedy
    assert not Layout(tmp_path).owner.exists()


def test_a_lock_that_is_a_directory_is_named(tmp_path: Path) -> None:
    Layout(tmp_path).lock.mkdir()
    with pytest.raises(DiskError, match=r"run\.lock: Is a directory"), hold(Layout(tmp_path), Disk(), since=AT):
        pytest.fail("it was held")


def test_who_gets_the_lock_removes_what_killed_processes_left_half_written(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.results.mkdir()
    layout.outputs.mkdir()
    plan = layout.plan(1).root
    plan.mkdir(parents=True)
    (layout.plans / "notes").mkdir()
    left = (
        beside(layout.identity),
        beside(layout.blob(1, 1)),
        beside(layout.outputs / "predictions.csv"),
        beside(plan / "plan.json"),
    )
    for path in left:
        path.touch()
    folder = beside(layout.outputs / "predictions.parquet")
    folder.mkdir()
    (folder / "part-0.parquet").touch()
    kept = layout.results / ".mine.new"
    kept.touch()

    with hold(layout, Disk(), since=AT):
        assert not any(path.exists() for path in (*left, folder))
    assert kept.exists()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "run").mkdir()
    layout = Layout(tmp_path / "run")
    layout.lock.symlink_to(victim)
    with pytest.raises(DiskError, match=r"run\.lock"), hold(layout, Disk(), since=AT):
        pytest.fail("held through a link")
    assert victim.read_bytes() == b"precious"


def test_a_lock_is_dropped_unless_the_system_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_use(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "in use")

    layout = Layout(tmp_path)
    assert drop(layout)
    monkeypatch.setattr(Path, "unlink", in_use)
    assert not drop(layout)


def test_whether_a_run_is_held_is_known_where_it_can_be_asked(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "run")
    assert not is_held(layout), "there is no lock"
    with hold(layout, Disk(), since=AT):
        assert is_held(layout)
    assert not is_held(layout)
    layout.lock.unlink()
    target = tmp_path / "file"
    target.touch()
    layout.lock.symlink_to(target)
    assert not is_held(layout), "a link is not followed"
