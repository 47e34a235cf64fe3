"""What is still to be told of a run: read as it was written, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.store import untold
from coralrun.store.untold import Untold

CALLS = (Untold("2026-01-01T12:00:00Z", 1, ("begun",)), Untold("2026-01-02T12:00:00Z", 2))


def test_it_is_read_as_it_was_written_and_is_gone_when_it_was_told(tmp_path: Path) -> None:
    path = tmp_path / "run.untold"
    untold.write(path, CALLS)
    assert untold.read(path) == CALLS
    untold.drop(path)
    untold.drop(path)
    assert untold.read(path) == ()


def test_on_a_disk_that_takes_nothing_there_is_none(tmp_path: Path) -> None:
    untold.write(tmp_path / "away" / "run.untold", CALLS)
    assert untold.read(tmp_path / "away" / "run.untold") == ()


@pytest.mark.parametrize("broken", [b"", b"[]", b"[" * 100_000, b'{"calls": [{"at": "now", "plan": 1, "lines": []}]}'])
def test_a_broken_one_is_none(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "run.untold"
    path.write_bytes(broken)
    assert untold.read(path) == ()
