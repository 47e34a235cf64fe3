"""The disk: the one place that writes, syncs and replaces files.

Rule: a new file appears whole or not at all (temporary name, fsync, replace, fsync of the directory where the platform
has it); appended bytes are on disk when `append` returns. A failed write or sync raises DiskError and is never
retried: after a failed fsync nobody knows what the kernel kept (R4). Everything is made for its owner alone (0600), a
temporary file under a name that nobody can guess (`temporary`) and where nothing is; no link is written through.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coralrun.errors import DiskError
from coralrun.store import platforms, temporary

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
SHARED_DIRECTORY = 0o755  # less what the umask takes
_READ, _ENTER = 0o044, 0o055  # what others may do at most with a file, and with a folder
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | platforms.NO_LINK | platforms.BINARY
_GROWING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | platforms.NO_LINK | platforms.BINARY


class Appender:
    """An open file that only grows; each `append` is durable when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._broken = False
        try:
            self._fd = os.open(path, _GROWING, PRIVATE)
        except OSError as error:
            raise _disk_error(path, error) from error

    def append(self, data: bytes) -> None:
        """Write and sync; after one failure every further call fails too."""
        if self._broken:
            raise DiskError(f"{self._path}: an earlier write failed")
        try:
            _write_all(self._fd, data)
            platforms.sync(self._fd)
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
        """Write a file whole: after a crash there is the old one or the new one. Who reads its folder may read it."""
        self.replace_from(path, (data,))

    def replace_private(self, path: Path, data: bytes) -> None:
        """As `replace`, for a file that is its owner's alone wherever it stands."""
        with _written_beside(path, private=True) as fd:
            _write_all(fd, data)

    def replace_from(self, path: Path, chunks: Iterable[bytes]) -> None:
        """Write a file whole from parts that need not fit into memory together."""
        with _written_beside(path) as fd:
            for chunk in chunks:
                _write_all(fd, chunk)

    def note(self, path: Path, data: bytes) -> None:
        """Write a file whole that may be lost: it is not synced."""
        with _written_beside(path, durably=False) as fd:
            os.write(fd, data)

    def replace_alone(self, path: Path, data: bytes) -> None:
        """As `replace`, for a file that nobody else writes meanwhile: what a killed process left half written goes."""
        for name in self.names(path.parent):
            if temporary.final_name(name) == path.name:
                self.remove(path.parent / name)
        self.replace(path, data)

    def replace_folder_by(self, path: Path, write: Callable[[Path], None]) -> None:
        """Write a folder whole by a library that wants a path: it fills one beside, which is then put in place durably.

        For a moment there is neither the old folder nor the new one: whoever reads it looks for what is written after.
        """
        fresh = temporary.beside(path)
        try:
            others = path.parent.stat().st_mode & _ENTER
            fresh.mkdir(mode=PRIVATE_DIRECTORY | others)
        except OSError as error:
            raise _disk_error(path, error) from error
        try:
            write(fresh)
            for made in sorted(fresh.rglob("*"), reverse=True):  # a folder after what is in it
                made.chmod(
                    made.stat().st_mode & (PRIVATE_DIRECTORY | others if made.is_dir() else PRIVATE | others & _READ)
                )
                platforms.sync_path(made)
            platforms.sync_directory(fresh)
            _remove_tree(path)
            platforms.once_free(lambda: fresh.replace(path))
            platforms.sync_directory(path.parent)
        except Exception as error:
            with suppress(OSError):
                _remove_tree(fresh)
            if isinstance(error, OSError):
                raise _disk_error(path, error) from error
            raise

    def appender(self, path: Path) -> Appender:
        """Open a file for appending, created if need be; its directory entry is durable too."""
        appender = Appender(path)
        try:
            platforms.sync_directory(path.parent)
        except OSError as error:
            appender.close()
            raise _disk_error(path, error) from error
        return appender

    def make_directory(self, path: Path, *, shared: bool = False) -> None:
        """Make a directory and those above it; one that is there already is fine.

        What is written into a `shared` one is for its owner to hand on: copies of it can be read by others. Those above
        are private, so it cannot be reached where it is.
        """
        try:
            for missing in reversed([folder for folder in path.parents if not folder.exists()]):
                _make_one_directory(missing)  # `parents=True` would give them the umask's mode
            _make_one_directory(path, SHARED_DIRECTORY if shared else PRIVATE_DIRECTORY)
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

    def changed(self, path: Path) -> int:
        """When a file was changed last, in nanoseconds by the clock of its disk."""
        try:
            return path.stat().st_mtime_ns
        except OSError as error:
            raise _disk_error(path, error) from error

    def remove(self, path: Path) -> None:
        """Delete a file that is no longer needed; one that is gone already is fine."""
        try:
            platforms.once_free(lambda: path.unlink(missing_ok=True))
        except OSError as error:
            raise _disk_error(path, error) from error

    def remove_if_empty(self, path: Path) -> None:
        """Delete a folder unless something is in it by now."""
        with suppress(OSError):
            path.rmdir()

    def remove_tree(self, path: Path) -> None:
        """Delete a file or a folder with all that is in it; one that is gone already is fine."""
        try:
            platforms.once_free(lambda: _remove_tree(path))
        except OSError as error:
            raise _disk_error(path, error) from error


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _make_one_directory(path: Path, mode: int = PRIVATE_DIRECTORY) -> None:
    path.mkdir(mode=mode, exist_ok=True)
    try:
        platforms.sync_directory(path.parent)
    except OSError as error:
        if error.errno not in platforms.NOT_ALLOWED:
            raise
        os.sync()  # a directory may be written to and not opened, a home of mode 0711 for one: all is synced instead


@contextmanager
def _written_beside(path: Path, *, durably: bool = True, private: bool = False) -> Iterator[int]:
    """A temporary file, open, that takes a file's place; one that could not be written whole is removed.

    It may be read by those who may read its folder, and by nobody else.
    """
    fresh = temporary.beside(path)
    try:
        mode = PRIVATE if private else PRIVATE | path.parent.stat().st_mode & _READ
        fd = os.open(fresh, _NEW, mode)
    except OSError as error:
        raise _disk_error(path, error) from error
    try:
        try:
            if mode == PRIVATE:
                platforms.make_private(fd, PRIVATE)
            yield fd
            if durably:
                platforms.sync(fd)
        finally:
            os.close(fd)
        platforms.once_free(lambda: fresh.replace(path))
        if durably:
            platforms.sync_directory(path.parent)
    except Exception as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)  # on a full disk it would go on taking room
        if isinstance(error, OSError):
            raise _disk_error(path, error) from error
        raise


def _remove_tree(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _disk_error(path: Path, error: OSError) -> DiskError:
    only_read = error.errno == errno.EROFS
    remedy = "Call the command in a place that can be written, or name one: this disk can only be read."
    return DiskError(f"{path}: {error.strerror or error}", remedy=remedy if only_read else None)
