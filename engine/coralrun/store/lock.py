"""One process a run: the lock, and a note of who holds it.

Rule: the lock file is never replaced, and deleted only with the whole run, by its holder, or two processes could each
hold "it". The operating system releases it when its holder dies. The note is for people only. Whoever gets the lock
first removes what a killed holder has left half written.
"""

from __future__ import annotations

import errno
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from coralrun.errors import DiskError, LockedError
from coralrun.store.files import PRIVATE, Disk
from coralrun.store.layout import Layout
from coralrun.store.temporary import final_name

_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})
"""How a file system says that it has no locks: flock(2), and NFS without its lock service."""


@contextmanager
def hold(layout: Layout, disk: Disk, *, since: str) -> Iterator[None]:
    """Hold a run's lock; raises LockedError that names the holder, and DiskError for a file that cannot be locked."""
    lock = filelock.FileLock(layout.lock, timeout=0, mode=PRIVATE, preserve_lock_file=True)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise LockedError(f"{layout.root}: {_who(layout.owner)} is working on this run") from None
    except OSError as error:
        raise _no_lock(layout.lock, error) from error
    try:
        sweep(layout, disk)
        note = {"pid": os.getpid(), "host": platform.node(), "since": since}
        disk.replace(layout.owner, json.dumps(note).encode() + b"\n")
        yield
    finally:
        lock.release()


def sweep(layout: Layout, disk: Disk) -> None:
    """Remove what processes that were killed have left half written; the caller is the only one who writes here."""
    for folder in (layout.root, *layout.folders()):
        for name in disk.names(folder):
            if final_name(name):
                disk.remove_tree(folder / name)


def _no_lock(path: Path, error: OSError) -> DiskError:
    """Two processes on one run would submit its images twice, so without a lock nothing is done at all."""
    if error.errno in _NO_LOCKS:
        return DiskError(
            f"{path}: this file system cannot lock files",
            remedy="Choose a directory on another disk with --run-dir: a local one, not a network share.",
        )
    return DiskError(f"{path}: {error.strerror or error}")


def _who(owner: Path) -> str:
    try:
        note = json.loads(owner.read_bytes())
        return f"process {int(note['pid'])} on {note['host']!s:.100}, since {note['since']!s:.30},"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
