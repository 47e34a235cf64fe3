"""Deliberate breakages of what no simulation runs: the clock, the lock, the files and the threads of this machine, and
what takes more faults after one another than a world has.

Rule: each names the test that has to fail of it, and what that test is given beside its fixtures. So a test that no
longer tells a whole part from a broken one is noticed, and so is one that is gone.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import filelock
from tests.unit import test_clock, test_workers
from tests.unit.app.applying import test_apply
from tests.unit.machine import test_uploading
from tests.unit.store import test_files, test_lock, test_platforms, test_run

from coralrun.app.answers import outputs
from coralrun.app.applying import apply, carry_out
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.driver import Completion
from coralrun.machine import upload
from coralrun.machine.draft import Draft
from coralrun.machine.stored_photos import OpenUpload
from coralrun.store import files, lock, platforms
from coralrun.workers import ThreadedWorkers

_release = filelock.FileLock.release
_append = files.Appender.append
_take = ThreadedWorkers.take


@dataclass(frozen=True, slots=True)
class Unsimulated:
    """One breakage, and the test that finds it."""

    name: str
    broken: Callable[[], AbstractContextManager[Any]]
    found_by: Callable[..., None]
    given: Mapping[str, object] = field(default_factory=dict)


@contextmanager
def _given_back_early() -> Iterator[None]:
    """Whoever carries a run out lets go of it before its tables are written."""
    locks: list[filelock.FileLock] = []

    def remembered(*arguments: Any, **named: Any) -> filelock.FileLock:
        locks.append(filelock.FileLock(*arguments, **named))
        return locks[-1]

    def write_tables(opened: OpenRun, *told: Any) -> None:
        for taken in locks:
            taken.release()
        outputs.write_tables(opened, *told)

    with (
        patch.object(lock, "filelock", SimpleNamespace(FileLock=remembered, Timeout=filelock.Timeout)),
        patch.object(carry_out, "write_tables", write_tables),
        patch.object(apply, "write_tables", write_tables),
    ):
        yield


def _deleted(self: filelock.FileLock, force: bool = False) -> None:
    """The file of a lock goes when the lock is given back."""
    _release(self, force=force)
    Path(self.lock_file).unlink(missing_ok=True)


@contextmanager
def _in_its_place(path: Path, *, durably: bool = True, private: bool = False) -> Iterator[int]:
    """A file is written where it stands."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, files.PRIVATE)
    try:
        yield fd
        platforms.sync(fd)
    except OSError as error:
        raise files._disk_error(path, error) from error
    finally:
        os.close(fd)


def _goes_on(self: files.Appender, data: bytes) -> None:
    """A write after one that failed is tried."""
    self._broken = False
    _append(self, data)


def _passed_over(self: ThreadedWorkers, timeout_s: float) -> Completion | None:
    """An error in a thread is nobody's business."""
    try:
        return _take(self, timeout_s)
    except Exception:
        return None


def _by_name(draft: Draft, sent: OpenUpload) -> int | None:
    """The unit that waits for any photo of the name of the one that is settled."""
    return next((photo.unit for photo in draft.state.uploads_to_do() if photo.image == sent.image), None)


UNSIMULATED: tuple[Unsimulated, ...] = (
    Unsimulated(
        "the clock counts the time of day",
        lambda: patch.object(SystemClock, "monotonic", lambda self: time.time()),
        test_clock.test_time_is_counted_from_a_start_of_its_own_and_not_by_the_time_of_day,
    ),
    Unsimulated(
        "the clock stands still while the machine sleeps",
        lambda: patch.object(SystemClock, "monotonic", lambda self: time.monotonic()),
        test_clock.test_time_goes_on_while_the_machine_sleeps,
    ),
    Unsimulated(
        "a run is given back before its tables are written",
        _given_back_early,
        test_apply.test_a_run_is_held_until_its_last_table_is_written,
        {"make": test_apply.about_to_finish},
    ),
    Unsimulated(
        "a run is given back before its tables are written anew",
        _given_back_early,
        test_apply.test_a_run_is_held_until_its_last_table_is_written,
        {"make": test_apply.finished_without_tables},
    ),
    Unsimulated(
        "nobody takes the lock",
        lambda: patch.object(filelock.FileLock, "acquire", lambda self: None),
        test_lock.test_a_second_process_is_refused_and_told_who_holds_the_run,
    ),
    Unsimulated(
        "the lock's file goes with the lock",
        lambda: patch.object(filelock.FileLock, "release", _deleted),
        test_lock.test_the_lock_file_stays_when_the_lock_is_given_back,
    ),
    Unsimulated(
        "a file is written in its place",
        lambda: patch.object(files, "_written_beside", _in_its_place),
        test_files.test_a_failed_write_leaves_the_old_file_and_no_temporary_one,
    ),
    Unsimulated(
        "files are everybody's to read",
        lambda: patch.object(files, "PRIVATE", 0o644),
        test_run.test_what_a_run_writes_is_for_its_owner_alone_and_copies_of_its_outputs_are_not,
    ),
    Unsimulated(
        "a sync of a directory that fails is passed over",
        lambda: patch.object(platforms, "_NOT_SUPPORTED", {errno.EIO}),
        test_platforms.test_a_directory_whose_sync_fails_is_an_error,
    ),
    Unsimulated(
        "after a write that failed more is written",
        lambda: patch.object(files.Appender, "append", _goes_on),
        test_run.test_a_failed_sync_is_never_followed_by_another_write,
    ),
    Unsimulated(
        "an error in a thread is passed over",
        lambda: patch.object(ThreadedWorkers, "take", _passed_over),
        test_workers.test_an_error_in_a_worker_is_raised_where_the_state_is_owned,
    ),
    Unsimulated(
        "an upload is settled for whatever has its name now",
        lambda: patch.object(upload, "_unit_of", _by_name),
        test_uploading.test_an_upload_that_is_settled_is_no_upload_of_another_photo_of_its_name,
    ),
)
