"""Cover equals what R's package `survey` says, on samples of every kind; `make r-check` asks R anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.statistics.r_check import changes
from tests.statistics.samples_of_r import R, Sample, distance, estimates_of_r, samples

CLOSE = 1e-10
"""In percentage points, and in degrees of freedom."""


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: sample.name)
def test_cover_is_what_r_says(sample: Sample) -> None:
    found = distance(sample.cover(), estimates_of_r()[sample.name])
    assert {quantity: far for quantity, far in found.items() if far > CLOSE} == {}


def test_limits_of_svyciprop_stand_beside_ours_where_the_rules_agree() -> None:
    told = {name for name, rows in estimates_of_r().items() for row in rows.values() if row["ciprop_lo"]}
    assert told == {"photos and points alike", "a population of 20"}


def test_another_answer_of_r_is_told_by_its_sample_class_and_quantity(tmp_path: Path) -> None:
    kept = R / "cover.csv"
    (tmp_path / "cover.csv").write_text(kept.read_text(encoding="utf-8").replace("0.37285714", "0.37285715"), "utf-8")
    (change,) = changes(kept, tmp_path / "cover.csv")
    assert change.startswith("photos and points alike, coral, mean: 0.37285715")
