"""One process a run: the lock, and a note of who holds it.

Rule: the lock file is never replaced, and deleted only with the whole run, by its holder, or two processes could each
hold "it". The operating system releases it when its holder dies. The note is for people only. Whoever gets the lock
first removes what a killed holder has left half written.
"""

from __future__ import annotations

import errno
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import filelock
import msgspec
from msgspec import Meta

from coralrun.errors import AtWork, DiskError
from coralrun.files.field_types import Positive, Time
from coralrun.store.files import PRIVATE, Disk
from coralrun.store.layout import Layout, plan_number
from coralrun.store.temporary import final_name

_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})
"""How a file system says that it has no locks: flock(2), and NFS without its lock service."""


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """run.owner: the process that holds a run, or held it last: its number, its computer, since when."""

    pid: Positive
    host: Annotated[str, Meta(max_length=255)]
    since: Time


_OWNER = msgspec.json.Decoder(Owner)


@contextmanager
def hold(layout: Layout, disk: Disk, *, since: str) -> Iterator[Owner | None]:
    """Hold a run's lock; yields who held it before, None where nobody is known.

    Raises AtWork that names the holder, and DiskError for a file that cannot be locked.
    """
    lock = filelock.FileLock(layout.lock, timeout=0, mode=PRIVATE, preserve_lock_file=True)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise AtWork(f"{layout.root}: {_who(owner_of(layout))} is working on this run", layout.root) from None
    except OSError as error:
        raise _no_lock(layout.lock, error) from error
    try:
        sweep(layout, disk)
        earlier = owner_of(layout)
        note = Owner(os.getpid(), platform.node(), since)
        disk.replace(layout.owner, msgspec.json.encode(note) + b"\n")
        yield earlier
    finally:
        lock.release()


def sweep(layout: Layout, disk: Disk) -> None:
    """Remove what processes that were killed have left half written; the caller is the only one who writes here."""
    plans = [layout.plan(number) for name in disk.names(layout.plans) if (number := plan_number(name)) is not None]
    of_plans = [folder for plan in plans for folder in (plan.root, plan.inputs)]
    for folder in (layout.root, *layout.folders(), *of_plans):
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


def owner_of(layout: Layout) -> Owner | None:
    """Who holds a run or held it last, None where the note is missing or broken."""
    try:
        return _OWNER.decode(layout.owner.read_bytes())
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def is_held(layout: Layout) -> bool:
    """Whether a process holds a run now. It is tried, for a moment: ask only where nothing else tells."""
    if not layout.lock.is_file():
        return False
    try:
        with filelock.FileLock(layout.lock, timeout=0, mode=PRIVATE, preserve_lock_file=True):
            return False
    except filelock.Timeout:
        return True
    except OSError:
        return False


def drop(layout: Layout) -> bool:
    """Remove the lock file of a run that is removed; False where the system keeps it while it is held (Windows).

    The caller holds the lock and has removed all else. Whoever comes now makes a lock of its own.
    """
    try:
        layout.lock.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _who(owner: Owner | None) -> str:
    if owner is None:
        return "another process"
    return f"process {owner.pid} on {owner.host}, since {owner.since},"
