"""What platforms and file systems do each in their own way, one function for each.

Rule: `make_private`: Windows has no modes, and some file systems of others do not either. `sync`: macOS keeps synced
bytes in the drive's cache unless it is told F_FULLFSYNC, which file systems of other makers refuse. `sync_directory`:
some file systems cannot sync a directory, and say so by a name; Windows has no such call. `once_free`: Windows replaces
and removes no file that somebody reads, so it is asked again for a moment. All raise OSError as it is.
"""

from __future__ import annotations

import errno
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

BINARY = getattr(os, "O_BINARY", 0)  # Windows translates line ends without it
NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag

_fcntl: Any = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None
_FULL_SYNC: int | None = getattr(_fcntl, "F_FULLFSYNC", None)  # macOS: fcntl(2)
_DIRECTORIES_CAN_SYNC = os.name == "posix"

_NOT_SUPPORTED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY, errno.ENOSYS})
"""How a file system says that it has no such call (network and FUSE mounts); nothing failed then."""

NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM})
_IN_USE = frozenset({5, 32})  # Windows: ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION
_WAITS_FOR_READERS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Between two tries at a file in use: a reader of ours is done in milliseconds, a virus scanner in a second."""


def sync(fd: int) -> None:
    """Make what was written to an open file durable, on the drive itself where that can be asked for."""
    if _FULL_SYNC is not None:
        try:
            _fcntl.fcntl(fd, _FULL_SYNC)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                raise
        else:
            return
    os.fsync(fd)


def sync_path(path: Path) -> None:
    """Make what a library wrote durable: a file of its own, or a directory's entries."""
    if path.is_dir():
        sync_directory(path)
        return
    fd = os.open(path, os.O_RDWR | BINARY)
    try:
        sync(fd)
    finally:
        os.close(fd)


def sync_directory(path: Path) -> None:
    """Make a directory's entries durable, where the platform and the file system can."""
    if not _DIRECTORIES_CAN_SYNC:
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
    finally:
        os.close(fd)


def make_private(fd: int, mode: int) -> None:
    """Let a file be its owner's alone, whatever the umask and the defaults of its folder are."""
    if hasattr(os, "fchmod"):
        try:
            os.fchmod(fd, mode)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED | NOT_ALLOWED:  # as FAT and many network shares answer
                raise


def once_free(act: Callable[[], object]) -> None:
    """Replace or remove a file that others may be reading; elsewhere than on Windows that never matters."""
    for wait_s in _WAITS_FOR_READERS_S:
        try:
            act()
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _IN_USE:
                raise
            sleep(wait_s)
        else:
            return
    act()
