"""The disk: the one place that writes, syncs and replaces files.

Rule: a new file appears whole or not at all (temporary name, fsync, replace, fsync of the directory where the platform
has it); appended bytes are on disk when `append` returns. A failed write or sync raises DiskError and is never
retried: after a failed fsync nobody knows what the kernel kept (R4). Everything is made for its owner alone (0600).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from coralrun.errors import DiskError

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
_BINARY = getattr(os, "O_BINARY", 0)  # Windows translates line ends without it


class Appender:
    """An open file that only grows; each `append` is durable when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._broken = False
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, PRIVATE)
        except OSError as error:
            raise _disk_error(path, error) from error

    def append(self, data: bytes) -> None:
        """Write and sync; after one failure every further call fails too."""
        if self._broken:
            raise DiskError(f"{self._path}: an earlier write failed")
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
            _sync(self._fd)
        except OSError as error:
            self._broken = True
            raise _disk_error(self._path, error) from error

    def close(self) -> None:
        """Give the file back; nothing is pending."""
        os.close(self._fd)


class Disk:
    """The real disk. Paths come from `store.layout` alone, never from a name that came from outside."""

    def read(self, path: Path) -> bytes:
        """The file's bytes; raises FileNotFoundError as it is, and DiskError for anything else."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _disk_error(path, error) from error

    def replace(self, path: Path, data: bytes) -> None:
        """Write a file whole: after a crash there is the old one or the new one."""
        self.replace_from(path, (data,))

    def replace_from(self, path: Path, chunks: Iterable[bytes]) -> None:
        """Write a file whole from parts that need not fit into memory together."""
        temporary = path.with_name(f".{path.name}.new")
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, PRIVATE)
            try:
                for chunk in chunks:
                    view = memoryview(chunk)
                    while view:
                        view = view[os.write(fd, view) :]
                _sync(fd)
            finally:
                os.close(fd)
            temporary.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            raise _disk_error(path, error) from error

    def replace_by(self, path: Path, write: Callable[[Path], None]) -> None:
        """Write a file whole by a library that wants a path: it writes beside, and the file is put in place durably."""
        temporary = path.with_name(f".{path.name}.new")
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, PRIVATE)
            try:
                write(temporary)
                _sync(fd)
            finally:
                os.close(fd)
            temporary.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            raise _disk_error(path, error) from error

    def appender(self, path: Path) -> Appender:
        """Open a file for appending, created if need be; its directory entry is durable too."""
        appender = Appender(path)
        try:
            sync_directory(path.parent)
        except OSError as error:
            appender.close()
            raise _disk_error(path, error) from error
        return appender

    def make_directory(self, path: Path) -> None:
        """Make a directory and those above it; one that is there already is fine."""
        try:
            for missing in reversed([each for each in path.parents if not each.exists()]):
                missing.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)  # `parents=True` would give them the umask's mode
            path.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
            sync_directory(path.parent)
        except OSError as error:
            raise _disk_error(path, error) from error

    def names(self, path: Path) -> list[str]:
        """The names in a directory, sorted; none if it is not there."""
        try:
            return sorted(entry.name for entry in path.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _disk_error(path, error) from error

    def remove(self, path: Path) -> None:
        """Delete a file that is no longer needed; one that is gone already is fine."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _disk_error(path, error) from error


def sync_directory(path: Path) -> None:
    """Make a directory's entries durable, where the platform can."""
    if sys.platform == "win32":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync(fd: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def _disk_error(path: Path, error: OSError) -> DiskError:
    return DiskError(f"{path}: {error.strerror or error}")
