"""A disk in memory, below the real `store.files`: its files, its directories, and what of both survives a death.

What the machine sees and what the disk holds are two things here, as they are there. Written bytes are on the disk
when the file was synced; a new, renamed or removed name is when its directory was. When the machine dies, a first part
of a directory's unsynced changes has reached the disk, and of a file's unsynced bytes all, some or none. After a
failed sync the kernel believes its pages clean: the bytes are seen, and no later sync writes them.

Rule: `mounted` puts this under the real `Disk` and the real locks: the path type and the modules' view of the operating
system are the only things replaced.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PosixPath
from random import Random
from types import ModuleType, SimpleNamespace
from typing import NoReturn

import filelock

from coralrun.app.run import run_log
from coralrun.coralnet.account import limiter
from coralrun.store import files, lock, ownership, platforms, temporary


class Crash(BaseException):
    """The process is gone. Not an `Exception`: nothing in the engine may catch it."""


class Fate(StrEnum):
    """What becomes of one call to the disk."""

    DONE = "done"
    DIES_BEFORE = "dies-before"
    DIES_WITHIN = "dies-within"
    DIES_AFTER = "dies-after"
    FULL = "full"
    FAILS = "fails"
    READ_ONLY = "read-only"


_OWN_FOLDER = os.stat_result((0o40700, *[0] * 9))
_ERRNO = {Fate.FULL: errno.ENOSPC, Fate.FAILS: errno.EIO, Fate.READ_ONLY: errno.EROFS}

Fates = Callable[[str, str], Fate]
"""Asked once for each call that changes something: `write`, `fsync`, `create`, `rename` or `remove`, and its path."""


@dataclass(slots=True, eq=False)
class Inode:
    """A file: `data` is what the machine sees, `synced` what the disk holds, `unwritable` what no sync writes again."""

    data: bytearray
    synced: bytes = b""
    unwritable: tuple[int, int] = (0, 0)

    def sync(self) -> None:
        """All that can still be written reaches the disk."""
        first, last = self.unwritable
        kept = bytearray(self.data)
        kept[first:last] = bytes(len(kept[first:last]))
        self.synced = bytes(kept)

    def lose(self, chance: Random) -> bool:
        """The machine dies: unsynced bytes are lost, kept or torn. True when any were lost."""
        seen = bytes(self.data)
        if seen == self.synced:
            return False
        self.data = bytearray(self.synced)
        if seen.startswith(self.synced):
            self.data += seen[len(self.synced) :][: chance.choice((0, 1, len(seen) // 2, len(seen)))]
        self.synced, self.unwritable = bytes(self.data), (0, 0)
        return self.data != seen


class SimDisk:
    """The files of one machine; `fates` decides what becomes of each call that changes something."""

    def __init__(self, chance: Random, fates: Fates) -> None:
        self.chance = chance
        self.fates = fates
        self.seen: dict[str, Inode] = {}
        self.locks: set[str] = set()
        self._held: dict[str, Inode] = {}
        self._pending: dict[str, list[dict[str, Inode | None]]] = {}
        self._open: dict[int, tuple[str, Inode | None]] = {}
        self._listed: dict[str, list[str]] = {}
        self._next_fd = 3
        self._names_drawn = 0

    # What the real code calls

    def open(self, path: Path, flags: int, _mode: int = 0) -> int:
        """A file, or a directory to be synced."""
        name = str(path)
        inode = None
        if flags & os.O_WRONLY:
            inode = self.seen.get(name)
            if inode is not None and flags & os.O_EXCL:
                raise FileExistsError(errno.EEXIST, "File exists", name)
            if inode is None:
                fate = self._fate("create", name)
                inode = Inode(bytearray())
                self._change({name: inode})
                self._die(fate)
        self._next_fd += 1
        self._open[self._next_fd] = (name, inode)
        return self._next_fd

    def token_hex(self, count: int) -> str:
        """What makes a temporary name new, the same in each life of a seed."""
        self._names_drawn += 1
        return f"{self._names_drawn:0{2 * count}x}"

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Bytes that the machine sees and the disk does not hold yet; a death or a full disk may take a part."""
        name, inode = self._open[fd]
        assert inode is not None
        fate = self.fates("write", name)
        if fate in (Fate.DIES_BEFORE, Fate.FAILS, Fate.READ_ONLY):
            self._fail(fate, name)
        part = len(data) * 2 // 3 if fate in (Fate.DIES_WITHIN, Fate.FULL) else len(data)
        inode.data += data[:part]
        self._fail(fate, name)
        return len(data)

    def fsync(self, fd: int) -> None:
        """A file's bytes, or a directory's names, reach the disk."""
        name, inode = self._open[fd]
        fate = self.fates("fsync", name)
        if fate is Fate.FAILS and inode is not None:
            inode.unwritable = (len(inode.synced), len(inode.data))
        if fate not in (Fate.DONE, Fate.DIES_AFTER):
            self._fail(fate, name)
        if inode is not None:
            inode.sync()
        else:
            self._sync_names(name, len(self._pending.get(name, ())))
        self._fail(fate, name)

    def close(self, fd: int) -> None:
        """The file is given back."""
        del self._open[fd]

    def rename(self, source: str, target: str) -> None:
        """The name of one file takes the place of another's."""
        fate = self._fate("rename", target)
        self._change({source: None, target: self.seen[source]})
        self._die(fate)

    def remove(self, name: str) -> None:
        """A name goes."""
        if name in self.seen:
            fate = self._fate("remove", name)
            self._change({name: None})
            self._die(fate)

    def remove_below(self, folder: Path) -> None:
        """A folder goes with all that is in it, one name after the other."""
        for name in sorted(name for name in self.seen if name.startswith(f"{folder}/")):
            self.remove(name)

    def read(self, name: str) -> bytes:
        """What the machine sees."""
        if name not in self.seen:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        return bytes(self.seen[name].data)

    def vanish(self, name: str) -> None:
        """Somebody removes a file for good, while no process runs."""
        folder = name.rpartition("/")[0]
        self._sync_names(folder, len(self._pending.get(folder, ())))
        self.seen.pop(name, None)
        self._held.pop(name, None)
        self._listed.clear()

    def names(self, folder: str) -> list[str]:
        """The paths in a directory, of files and of directories."""
        if not self._listed:
            for name in self.seen:
                self._list(name)
        return self._listed.get(folder, [])

    def _list(self, name: str) -> None:
        """Note a path in its directory, and that in its own."""
        folder = name.rpartition("/")[0]
        if folder and folder not in self._listed:
            self._list(folder)
        self._listed.setdefault(folder, []).append(name)

    def copied(self, fates: Fates) -> SimDisk:
        """Another disk, on which all that the machine sees here is."""
        disk = SimDisk(self.chance, fates)
        disk._names_drawn = self._names_drawn
        for name, inode in self.seen.items():
            disk._held[name] = disk.seen[name] = Inode(inode.data[:], bytes(inode.data))
        return disk

    # Deaths

    def process_dies(self) -> None:
        """What it held open is closed and unlocked; the machine goes on."""
        self._open.clear()
        self.locks.clear()

    def machine_dies(self) -> tuple[bool, bool]:
        """Only what the disk holds is left, and a part of the rest; whether names and whether bytes were lost."""
        before = dict(self.seen)
        for folder, changes in self._pending.items():
            self._sync_names(folder, self.chance.randint(0, len(changes)))
        self._pending.clear()
        self.seen = dict(self._held)
        self._listed.clear()
        lost = [inode.lose(self.chance) for inode in self.seen.values()]
        return before != self.seen, any(lost)

    # Inside

    def _change(self, change: dict[str, Inode | None]) -> None:
        folder = next(iter(change)).rpartition("/")[0]
        self._pending.setdefault(folder, []).append(change)
        _apply(self.seen, change)
        self._listed.clear()

    def _sync_names(self, folder: str, count: int) -> None:
        changes = self._pending.get(folder, [])
        for change in changes[:count]:
            _apply(self._held, change)
        del changes[:count]

    def _fate(self, call: str, name: str) -> Fate:
        """The fate of a call that happens whole or not at all."""
        fate = self.fates(call, name)
        if fate not in (Fate.DONE, Fate.DIES_AFTER):
            self._fail(fate, name)
        return fate

    def _die(self, fate: Fate) -> None:
        if fate is Fate.DIES_AFTER:
            raise Crash("after a call to the disk")

    def _fail(self, fate: Fate, name: str) -> None:
        if fate in _ERRNO:
            raise OSError(_ERRNO[fate], os.strerror(_ERRNO[fate]), name)
        if fate is not Fate.DONE:
            raise Crash(f"{fate} at {name}")


def _apply(names: dict[str, Inode], change: dict[str, Inode | None]) -> None:
    for name, inode in change.items():
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode


_mounted: list[SimDisk] = []


class SimPath(PosixPath):
    """A path on the mounted disk, for as much of `Path` as the store and the limiter use: a text that nobody parses."""

    _text: str

    def __new__(cls, text: str) -> SimPath:
        """A path is its text; what else `Path` would keep of it is not made."""
        path = object.__new__(cls)
        path._text = text
        return path

    def __str__(self) -> str:
        return self._text

    def __fspath__(self) -> str:
        return self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SimPath) and self._text == other._text

    def __truediv__(self, name: str | os.PathLike[str]) -> SimPath:
        return SimPath(f"{self._text}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return self._text.rpartition("/")[2]

    @property
    def parent(self) -> SimPath:
        """The directory."""
        return SimPath(self._text.rpartition("/")[0] or "/")

    @property
    def parents(self) -> Sequence[SimPath]:
        """The directories above, the nearest first."""
        parts = self._text.split("/")
        return [SimPath("/".join(parts[:count]) or "/") for count in range(len(parts) - 1, 0, -1)]

    def with_name(self, name: str) -> SimPath:
        """A path in the same directory."""
        return self.parent / name

    def with_suffix(self, suffix: str) -> SimPath:
        """A path with another ending."""
        return SimPath(self._text.rpartition(".")[0] + suffix)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """That of a folder which is its owner's alone: nothing else is asked for."""
        return _OWN_FOLDER

    def read_bytes(self) -> bytes:
        """What the machine sees."""
        return _mounted[-1].read(self._text)

    def is_file(self) -> bool:
        """Whether there is a file."""
        return self._text in _mounted[-1].seen

    exists = is_file

    def is_dir(self) -> bool:
        """Whether anything is below it."""
        below = f"{self._text}/"
        return any(name.startswith(below) for name in _mounted[-1].seen)

    def is_symlink(self) -> bool:
        """There are no links."""
        return False

    def rmdir(self) -> None:
        """A directory without entries is none."""

    def replace(self, target: str | os.PathLike[str]) -> SimPath:
        """Rename."""
        _mounted[-1].rename(self._text, str(target))
        return SimPath(str(target))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove."""
        _mounted[-1].remove(self._text)

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Directories are there; only their entries are modelled."""

    def iterdir(self) -> Iterator[SimPath]:  # type: ignore[override]
        """The files of a directory."""
        return map(SimPath, _mounted[-1].names(self._text))


class _Lock:
    """As `filelock.FileLock`: the operating system releases it when its holder dies."""

    def __init__(self, path: object, timeout: float = -1, mode: int = 0o644, preserve_lock_file: bool = False) -> None:
        self._name = str(path)

    def acquire(self) -> None:
        """Take it, or raise Timeout at once: on one thread nobody else can let go meanwhile."""
        if self._name in _mounted[-1].locks:
            raise filelock.Timeout(self._name)
        _mounted[-1].locks.add(self._name)

    def release(self) -> None:
        """Let go."""
        _mounted[-1].locks.discard(self._name)


def _nothing_there(path: Path) -> NoReturn:
    """Whose a file is, is not modelled."""
    raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))


@contextmanager
def mounted(disk: SimDisk) -> Iterator[None]:
    """Everything that the real store, limiter and diary write and lock is on this disk."""
    calls = {"open": disk.open, "write": disk.write, "fsync": disk.fsync, "close": disk.close, "lstat": _nothing_there}
    system = SimpleNamespace(**vars(os) | calls | {"fchmod": lambda *_: None})
    replaced: tuple[tuple[ModuleType, str, object], ...] = (
        (files, "os", system),
        (platforms, "os", system),
        (files, "shutil", SimpleNamespace(rmtree=disk.remove_below)),
        (run_log, "os", system),
        (ownership, "os", system),
        (temporary, "token_hex", disk.token_hex),
        (lock, "filelock", SimpleNamespace(FileLock=_Lock, Timeout=filelock.Timeout)),
        (limiter, "FileLock", _Lock),
    )
    real = [getattr(module, name) for module, name, _ in replaced]
    _mounted.append(disk)
    try:
        for module, name, simulated in replaced:
            setattr(module, name, simulated)
        yield
    finally:
        for (module, name, _), before in zip(replaced, real, strict=True):
            setattr(module, name, before)
        _mounted.pop()
