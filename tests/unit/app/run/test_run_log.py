"""The log of a run has a line for what was done, in the form that its schema says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from coralrun.app.run.run_log import Diary, LogLine
from coralrun.clock import SystemClock
from coralrun.machine import effects, outcomes


@pytest.mark.parametrize(
    ("effect", "unit", "photo"),
    [
        (effects.Resolve(3), 3, ""),
        (effects.Upload("2/a.jpg", 4), 4, "2/a.jpg"),
        (effects.CompareUpload("2/\ud800.jpg", "9", "0" * 64, None), UNSET, "2/?.jpg"),
        (effects.AskNames(("2/a.jpg",)), UNSET, ""),
    ],
)
def test_a_line_tells_the_unit_of_work_and_the_photo_apart(
    effect: effects.Effect, unit: int | UnsetType, photo: str, tmp_path: Path
) -> None:
    diary = Diary(tmp_path / "log.jsonl", SystemClock())
    diary.keeping(lambda asked: outcomes.Done())(effect)
    (line,) = (tmp_path / "log.jsonl").read_bytes().splitlines()
    read = msgspec.json.decode(line, type=LogLine)
    assert (read.unit, read.photo) == (unit, photo)
