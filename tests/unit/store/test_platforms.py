"""What platforms and file systems do each in their own way is met by files that stand on each."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.store.test_files import names, refusing

from coralrun.errors import DiskError
from coralrun.store import platforms
from coralrun.store.files import Disk
from coralrun.store.platforms import sync_directory

ACCESS_DENIED, SHARING_VIOLATION, PATH_NOT_FOUND = 5, 32, 3
"""Error codes of Windows."""


def in_use(code: int) -> PermissionError:
    """What Windows says of a file that somebody has open."""
    error = PermissionError(errno.EACCES, "in use")
    error.winerror = code  # type: ignore[attr-defined, unused-ignore]
    return error


class Reader:
    """Somebody who has the file open for the first so many tries at it, as Windows tells it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, tries: int, code: int = SHARING_VIOLATION) -> None:
        self.tries = 0
        self.waited_s: list[float] = []
        real = getattr(Path, call)

        def tried(path: Path, *arguments: object, **options: object) -> object:
            self.tries += 1
            if self.tries <= tries:
                raise in_use(code)
            return real(path, *arguments, **options)

        monkeypatch.setattr(Path, call, tried)
        monkeypatch.setattr(platforms, "sleep", self.waited_s.append)


# Syncing


def test_macos_is_told_to_empty_the_drives_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(platforms, "_FULL_SYNC", 51)
    monkeypatch.setattr(platforms, "_fcntl", SimpleNamespace(fcntl=lambda fd, command: told.append((fd, command))))
    monkeypatch.setattr(platforms, "_DIRECTORIES_CAN_SYNC", False)
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, []))

    Disk().replace(tmp_path / "run.json", b"whole")

    assert [command for _, command in told] == [51]


@pytest.mark.parametrize("name", ["ENOTSUP", "EINVAL", "ENOTTY"])
def test_a_file_system_that_knows_no_full_sync_is_synced_as_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[int] = []
    synced: list[int] = []
    monkeypatch.setattr(platforms, "_FULL_SYNC", 51)
    monkeypatch.setattr(platforms, "_fcntl", SimpleNamespace(fcntl=refusing(getattr(errno, name), asked)))
    monkeypatch.setattr(platforms, "_DIRECTORIES_CAN_SYNC", False)
    monkeypatch.setattr(os, "fsync", synced.append)

    appender = Disk().appender(tmp_path / "journal-0.jsonl")
    appender.append(b"fact\n")
    appender.close()

    assert synced == asked != []


def test_a_full_sync_that_fails_is_a_failed_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(platforms, "_FULL_SYNC", 51)
    monkeypatch.setattr(platforms, "_fcntl", SimpleNamespace(fcntl=refusing(errno.EIO, [])))
    monkeypatch.setattr(os, "fsync", synced.append)
    with pytest.raises(DiskError, match="Input/output error"):
        Disk().replace(tmp_path / "run.json", b"new")
    assert synced == []


@pytest.mark.parametrize("name", ["ENOTSUP", "EINVAL", "ENOSYS"])
def test_a_file_system_that_cannot_sync_a_directory_says_so_and_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "fsync", refusing(getattr(errno, name), asked))
    sync_directory(tmp_path)
    assert len(asked) == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(asked[0])


def test_a_directory_whose_sync_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, []))
    with pytest.raises(OSError, match="Input/output error"):
        sync_directory(tmp_path)


def test_where_directories_cannot_be_opened_they_are_not_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(platforms, "_DIRECTORIES_CAN_SYNC", False)
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO, asked))
    sync_directory(tmp_path)
    assert asked == []


# Files in use


@pytest.mark.parametrize("code", [ACCESS_DENIED, SHARING_VIOLATION])
def test_a_file_that_somebody_reads_is_replaced_once_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    reader = Reader(monkeypatch, "replace", tries=3, code=code)
    Disk().replace(tmp_path / "run.owner", b"new")
    assert (tmp_path / "run.owner").read_bytes() == b"new"
    assert (reader.tries, len(reader.waited_s)) == (4, 3)


def test_a_file_that_somebody_reads_is_removed_once_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal-0.jsonl"
    path.touch()
    reader = Reader(monkeypatch, "unlink", tries=2)
    Disk().remove(path)
    assert not path.exists()
    assert reader.waited_s == sorted(reader.waited_s)


def test_a_file_that_is_never_given_back_is_an_error_after_a_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(monkeypatch, "replace", tries=1000)
    with pytest.raises(DiskError, match=r"run\.owner: in use"):
        Disk().replace(tmp_path / "run.owner", b"new")
    assert sum(reader.waited_s) < 5
    assert names(tmp_path) == []


def test_a_file_that_may_not_be_replaced_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, "replace", tries=1000, code=PATH_NOT_FOUND)
    with pytest.raises(DiskError):
        Disk().replace(tmp_path / "run.owner", b"new")
    assert (reader.tries, reader.waited_s) == (1, [])


# Modes


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_modes_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fchmod", refusing(number, []))
    Disk().replace(tmp_path / "run.json", b"{}")
    monkeypatch.setattr(os, "fchmod", refusing(errno.EIO, []))
    with pytest.raises(DiskError, match="Input/output error"):
        Disk().replace(tmp_path / "other.json", b"{}")
    monkeypatch.delattr(os, "fchmod")
    Disk().replace(tmp_path / "other.json", b"{}")
    assert names(tmp_path) == ["other.json", "run.json"]
