"""Cover equals what R's package `survey` says, on samples of every kind; `make r-check` asks R anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.statistics.r_check import SCRIPTS, changes
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
    assert change.startswith("cover.csv: photos and points alike, coral, mean: 0.37285715")


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_of_r_has_its_points_and_figures_and_a_test(script: str, tmp_path: Path) -> None:
    kept = R / f"{script}.csv"
    assert changes(kept, kept) == changes(R / f"{script}_points.csv", R / f"{script}_points.csv") == []
    lines = kept.read_text(encoding="utf-8").splitlines()
    (tmp_path / kept.name).write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert changes(kept, tmp_path / kept.name) == [f"{kept.name}: the samples are others"]
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert f"{script}.csv" in tests
    assert f"{script}.R" in tests


def test_no_script_of_r_is_left_out_of_the_check() -> None:
    assert {path.stem for path in R.glob("*.R")} == {"draw", "cover", *SCRIPTS}
