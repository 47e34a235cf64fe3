"""Files appear whole or not at all, on every disk that a run may stand on."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from coralrun.errors import DiskError, RunDamaged
from coralrun.store import platforms, temporary
from coralrun.store.files import Disk


def refusing(number: int, calls: list[int]) -> object:
    """A call that is counted by its first argument and refused."""

    def refuse(fd: int, *_: object, **__: object) -> None:
        calls.append(fd)
        raise OSError(number, os.strerror(number))

    return refuse


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Whole or not at all


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.json"
    Disk().replace(path, b"old")
    monkeypatch.setattr(platforms, "sync", refusing(errno.ENOSPC, []))

    with pytest.raises(DiskError, match=r"run\.json: No space left on device"):
        Disk().replace(path, b"new")

    assert (names(tmp_path), path.read_bytes()) == (["run.json"], b"old")


def test_parts_that_cannot_be_told_leave_the_old_file_and_their_own_error(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"

    def parts() -> Iterator[bytes]:
        yield b"name,row\n"
        raise RunDamaged("a result is missing")

    with pytest.raises(RunDamaged, match="a result is missing"):
        Disk().replace_from(path, parts())

    assert names(tmp_path) == []


def test_a_library_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    def write(target: Path) -> None:
        (target / "part-0.parquet").write_bytes(b"half")
        raise OSError(errno.EFBIG, "File too large")

    with pytest.raises(DiskError, match="File too large"):
        Disk().replace_folder_by(tmp_path / "predictions.parquet", write)

    assert names(tmp_path) == []


@pytest.mark.parametrize("old", ["file", "folder"])
def test_a_folder_that_a_library_fills_beside_takes_the_place_of_the_old_one(tmp_path: Path, old: str) -> None:
    path = tmp_path / "predictions.parquet"
    if old == "file":
        path.write_bytes(b"old")
    else:
        (path / "source=a").mkdir(parents=True)
        (path / "source=a" / "part-0.parquet").write_bytes(b"old")

    def write(target: Path) -> None:
        (target / "source=b").mkdir(mode=0o755)
        (target / "source=b" / "part-0.parquet").write_bytes(b"new")

    Disk().replace_folder_by(path, write)

    assert (names(tmp_path), names(path)) == (["predictions.parquet"], ["source=b"])
    part = path / "source=b" / "part-0.parquet"
    assert part.read_bytes() == b"new"
    assert (stat.S_IMODE(part.stat().st_mode), stat.S_IMODE(part.parent.stat().st_mode)) == (0o600, 0o700)

    Disk().remove_tree(path)
    Disk().remove_tree(path)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_told_leaves_the_old_one_and_its_own_error(tmp_path: Path) -> None:
    path = tmp_path / "predictions.parquet"
    path.mkdir()

    def write(target: Path) -> None:
        raise RunDamaged("a result is missing")

    with pytest.raises(RunDamaged, match="a result is missing"):
        Disk().replace_folder_by(path, write)
    assert names(tmp_path) == ["predictions.parquet"]


def test_a_folder_that_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "rmtree", refusing(errno.EBUSY, []))
    with pytest.raises(DiskError, match="busy"):
        Disk().remove_tree(tmp_path)


def test_a_temporary_file_that_cannot_be_removed_does_not_hide_why_it_was_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms, "sync", refusing(errno.EIO, []))
    monkeypatch.setattr(Path, "unlink", refusing(errno.EROFS, []))
    with pytest.raises(DiskError, match="Input/output error"):
        Disk().replace(tmp_path / "run.json", b"new")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"nowhere/run\.json: No such file"):
        Disk().replace(tmp_path / "nowhere" / "run.json", b"")
    with pytest.raises(DiskError, match=r"nowhere/journal-0\.jsonl: No such file"):
        Disk().appender(tmp_path / "nowhere" / "journal-0.jsonl")


def test_what_cannot_be_read_listed_made_or_removed_is_named(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.touch()
    folder.mkdir()
    with pytest.raises(DiskError, match="folder: Is a directory"):
        Disk().read(folder)
    with pytest.raises(FileNotFoundError):
        Disk().read(tmp_path / "nothing")
    with pytest.raises(DiskError, match="file: Not a directory"):
        Disk().names(file)
    with pytest.raises(DiskError, match="file: File exists"):
        Disk().make_directory(file)
    with pytest.raises(DiskError, match="folder: "):
        Disk().remove(folder)
    with pytest.raises(DiskError, match="nothing: "):
        Disk().changed(tmp_path / "nothing")


# Directories


def test_every_directory_that_is_made_is_durable_in_the_one_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(platforms, "sync_directory", synced.append)
    Disk().make_directory(tmp_path / "runs" / "moorea" / "state")
    assert synced == [tmp_path, tmp_path / "runs", tmp_path / "runs" / "moorea"]


def test_a_directory_whose_parent_cannot_be_opened_is_made_and_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.open

    def opened(path: Path, flags: int, *mode: int) -> int:
        if path == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "sync", lambda: synced.append("all"))

    Disk().make_directory(tmp_path / "runs")

    assert ((tmp_path / "runs").is_dir(), synced) == (True, ["all"])


def test_a_directory_whose_place_cannot_be_synced_is_an_error_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, []))
    with pytest.raises(DiskError, match="runs: Input/output error"):
        Disk().make_directory(tmp_path / "runs")


# Who must not get in


@pytest.fixture
def opened_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were opened to be written."""
    found: list[str] = []
    real = os.open

    def seen(path: Path, flags: int, *mode: int) -> int:
        if flags & os.O_WRONLY:
            found.append(Path(path).name)
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", seen)
    return found


def test_a_temporary_name_is_new_each_time_and_known_by_its_form(tmp_path: Path, opened_names: list[str]) -> None:
    for _ in range(3):
        Disk().replace(tmp_path / "run.json", b"{}")
    assert len(set(opened_names)) == 3
    assert {temporary.final_name(name) for name in opened_names} == {"run.json"}
    for other in ("run.json", ".run.json.new", ".run.json.0123.new", "run.json.0123456789abcdef.new"):
        assert temporary.final_name(other) == ""


@pytest.mark.parametrize("kind", ["link", "file", "hard link"])
def test_what_lies_in_wait_under_a_temporary_name_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    victim, waiting = tmp_path / "victim", tmp_path / ".run.json.0000000000000000.new"
    victim.write_bytes(b"precious")
    if kind == "link":
        waiting.symlink_to(victim)
    elif kind == "file":
        waiting.write_bytes(b"precious")
    else:
        waiting.hardlink_to(victim)
    monkeypatch.setattr(temporary, "token_hex", lambda count: "0" * 2 * count)
    with pytest.raises(DiskError, match=r"run\.json: File exists"):
        Disk().replace(tmp_path / "run.json", b"{}")
    with pytest.raises(DiskError, match="File exists"):
        Disk().replace_folder_by(tmp_path / "run.json", lambda folder: None)
    assert victim.read_bytes() == b"precious"


def test_nothing_is_appended_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "journal-0.jsonl").symlink_to(victim)
    with pytest.raises(DiskError, match=r"journal-0\.jsonl: Too many levels of symbolic links"):
        Disk().appender(tmp_path / "journal-0.jsonl")
    assert victim.read_bytes() == b"precious"


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "run.json").symlink_to(victim)
    Disk().replace(tmp_path / "run.json", b"{}")
    assert not (tmp_path / "run.json").is_symlink()
    assert victim.read_bytes() == b"precious"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions another way")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600), (0o000, 0o644)])
def test_what_its_owner_hands_on_can_be_read_by_others(tmp_path: Path, umask: int, mode: int) -> None:
    outputs = tmp_path / "run" / "outputs"
    before = os.umask(umask)
    try:
        Disk().make_directory(outputs, shared=True)
        Disk().replace(outputs / "cover.csv", b"")
        Disk().replace_folder_by(outputs / "by", lambda folder: (folder / "part").touch())
        Disk().replace_private(outputs / "plan.json", b"")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (outputs.parent, *outputs.rglob("*"))}
    assert modes == {"run": 0o700, "cover.csv": mode, "by": mode | mode >> 2 & 0o111, "part": mode, "plan.json": 0o600}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_file_is_its_owners_alone_whatever_the_umask_is(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        Disk().replace(tmp_path / "run.json", b"{}")
        Disk().note(tmp_path / "run.now", b"{}")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_note_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, []))
    Disk().note(tmp_path / "run.now", b"doing")
    assert (tmp_path / "run.now").read_bytes() == b"doing"


def test_a_file_of_one_writer_is_cleared_of_what_killed_ones_left(tmp_path: Path) -> None:
    for name in (".a.json.0123456789abcdef.new", ".b.json.0123456789abcdef.new", ".a.json.new"):
        (tmp_path / name).touch()
    Disk().replace_alone(tmp_path / "a.json", b"{}")
    assert names(tmp_path) == [".a.json.new", ".b.json.0123456789abcdef.new", "a.json"]


def test_a_folder_is_removed_if_nothing_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "full" / "file").parent.mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "empty").mkdir()
    for name in ("full", "empty", "gone"):
        Disk().remove_if_empty(tmp_path / name)
    assert names(tmp_path) == ["full"]


def test_a_disk_that_can_only_be_read_is_not_to_be_made_room_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DiskError, match="Read-only file system") as caught:
        Disk().replace(Path("survey.yaml"), b"")
    assert "a place that can be written" in caught.value.remedy
