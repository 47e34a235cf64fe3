"""A disk that is really full while a run works here: a small file system in memory, where one may be mounted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coralrun.errors import EXIT_COMPLETE, DiskError

from .killing import carried_out, start, survey_in

ALL = os.environ.get("CORALRUN_CRASH") == "all"
TAKES_S = 0.3


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a run on a file system of its own; skipped where none may be mounted."""
    run = tmp_path / "survey" / "run"
    survey_in(run.parent, 24, batch_size=12)
    run.mkdir()
    if mounted("-t", "tmpfs", "-o", "size=20m", "tmpfs", str(run)).returncode:
        pytest.skip("no file system may be mounted here")
    yield run
    subprocess.run(["umount", str(run)], check=True)


def mounted(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True)


@pytest.mark.skipif(not ALL, reason="takes a minute, and may mount: CORALRUN_CRASH=all")
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount")
def test_a_run_whose_disk_is_full_ends_and_goes_on_when_there_is_room(disk: Path) -> None:
    process = start(disk.parent, TAKES_S)
    while process.poll() is None and len(results(disk)) < 5:
        time.sleep(0.02)
    status = os.statvfs(disk)
    mounted("-o", f"remount,size={(status.f_blocks - status.f_bfree) * status.f_frsize}", str(disk))
    said = process.communicate()[0]
    assert process.returncode == DiskError.exit_code, said
    assert "No space left on device" in said
    assert carried_out(disk.parent, TAKES_S).code == DiskError.exit_code, "and again, while it is full"
    kept = results(disk)
    assert len(kept) >= 5
    mounted("-o", "remount,size=20m", str(disk))
    process = start(disk.parent, TAKES_S)
    while process.poll() is None and len(results(disk)) == len(kept):
        time.sleep(0.02)
    assert kept.items() <= results(disk).items() or not results(disk), "none is computed again"
    process.communicate()
    ended = carried_out(disk.parent, TAKES_S)
    assert ended.code == EXIT_COMPLETE, ended.said
    assert "24 = 24 succeeded" in ended.said
    assert ended.tables["predictions.csv"].count(b"\n") == 1 + 24 * 10


def results(disk: Path) -> dict[str, int]:
    """The results that are kept, and when each was written."""
    return {str(path): path.stat().st_mtime_ns for path in disk.glob("spool/*/*.scores")}
