"""The note of the process at work: read as it was written, and nothing where it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.store import notice
from coralrun.store.notice import Notice

SAID = Notice("2026-01-01T12:00:00Z", "sending a batch")


def test_a_note_is_read_as_it_was_written_and_is_gone_when_it_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "run.now"
    notice.write(path, SAID)
    assert notice.read(path) == SAID
    notice.drop(path)
    notice.drop(path)
    assert notice.read(path) is None


def test_a_note_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    notice.write(tmp_path / "away" / "run.now", SAID)
    assert notice.read(tmp_path / "away" / "run.now") is None


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b"[" * 100_000, b'{"at": 3, "doing": "x"}', b'{"at": "now", "doing": "x"}']
)
def test_a_broken_note_is_none(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "run.now"
    path.write_bytes(broken)
    assert notice.read(path) is None
