"""The default extractor on real photos: better than chance by far, and a smoke test that nobody quotes."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.classifiers import MLC, halves

LEAST_SHARE = 0.75


@pytest.mark.skipif(not MLC.is_dir(), reason="the shared photos of Moorea are not here")
def test_three_photos_are_called_as_people_do_at_three_of_four_points(tmp_path: Path) -> None:
    found = halves(MLC, tmp_path)
    assert found.points == 300
    assert found.commonest / found.points < 0.55
    assert found.share >= LEAST_SHARE
