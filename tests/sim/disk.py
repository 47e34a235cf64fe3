"""A disk in memory that can die: what was synced stays, what was not is lost, kept, or torn."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from coralrun.store.files import Appender, Disk


class Crash(BaseException):
    """The process is gone. Not an `Exception`: nothing in the engine may catch it."""


class Dies(StrEnum):
    """Where in an operation the process dies."""

    NOT = "not"
    BEFORE = "before"
    TORN = "torn"
    AFTER = "after"


Fate = Callable[[], Dies]


def immortal() -> Dies:
    """The fate of an operation that completes."""
    return Dies.NOT


class MemoryDisk(Disk):
    """What `Disk` does, on a dictionary. `fate` is asked once for each operation that changes something."""

    def __init__(self, fate: Fate = immortal) -> None:
        self.files: dict[Path, bytes] = {}
        self.fate = fate

    def read(self, path: Path) -> bytes:
        """The file's bytes."""
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def replace(self, path: Path, data: bytes) -> None:
        """The old file or the new one; dying in between leaves the temporary file, too."""
        dies = self.fate()
        if dies is Dies.TORN:
            self.files[path.with_name(f".{path.name}.new")] = data[: len(data) // 2]
        if dies in (Dies.NOT, Dies.AFTER):
            self.files[path] = data
        self._die(dies)

    def appender(self, path: Path) -> Appender:
        """A file that only grows."""
        dies = self.fate()
        if dies is not Dies.BEFORE:
            self.files.setdefault(path, b"")
        self._die(dies)
        return MemoryAppender(self, path)

    def make_directory(self, path: Path) -> None:
        """Directories are not modelled."""

    def names(self, path: Path) -> list[str]:
        """The names in a directory."""
        return sorted(file.name for file in self.files if file.parent == path)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        dies = self.fate()
        if dies in (Dies.NOT, Dies.AFTER):
            self.files.pop(path, None)
        self._die(dies)

    def append(self, path: Path, data: bytes) -> None:
        """Write and sync; dying in between leaves a part of the data."""
        dies = self.fate()
        kept = {Dies.BEFORE: 0, Dies.TORN: len(data) * 2 // 3}.get(dies, len(data))
        self.files[path] += data[:kept]
        self._die(dies)

    @staticmethod
    def _die(dies: Dies) -> None:
        if dies is not Dies.NOT:
            raise Crash(f"the process died in the disk ({dies})")


class MemoryAppender(Appender):
    """An open file of a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk, path: Path) -> None:
        self._disk = disk
        self._file = path

    def append(self, data: bytes) -> None:
        """Write and sync."""
        self._disk.append(self._file, data)

    def close(self) -> None:
        """Nothing is open."""
