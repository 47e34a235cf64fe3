"""Where the marks of charts stand."""

from __future__ import annotations

import pytest

from coralrun.results.report.charts import scale_of, timeline_of
from coralrun.results.report.model import Estimate, JobSpan


def job(number: int, start_s: float, end_s: float, **more: object) -> JobSpan:
    return JobSpan(job=number, batch=number, attempt=1, images=10, start_s=start_s, end_s=end_s, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("highest", "top"), [(0.008, 0.01), (0.05, 0.05), (0.21, 0.3), (0.61, 0.7), (0.93, 1.0), (0, 0.01)]
)
def test_a_scale_ends_at_the_next_round_number(highest: float, top: float) -> None:
    assert scale_of([Estimate(what="x", mean=highest / 2, low=0, high=highest)]).top == top


def test_a_scale_holds_every_mean_and_every_interval_of_all_that_it_is_for() -> None:
    scale = scale_of([Estimate(what="x", mean=0.1)], [Estimate(what="y", mean=0.2, low=0.1, high=0.45)])
    assert scale.top == 0.5
    assert scale.at(0.25) == "50.00%"
    assert [scale.at(-1), scale.at(2)] == ["0.00%", "100.00%"]


def test_jobs_that_overlap_stand_in_different_lanes_and_a_lane_is_used_again() -> None:
    time = timeline_of([job(1, 0, 100), job(2, 10, 60), job(3, 60, 100), job(4, 100, 200)])
    assert [bar.lane for bar in time.bars] == [0, 1, 1, 0]
    assert time.lanes == 2
    assert time.length == "3 min 20 s"


def test_a_bar_stands_where_its_job_was_and_tells_what_it_was() -> None:
    first, second = timeline_of([job(1, 0, 100), job(2, 50, 200, lost=True)]).bars
    assert (first.at, first.width) == ("0.000%", "50.000%")
    assert (second.at, second.width, second.lost) == ("25.000%", "75.000%", True)
    assert first.text == "job 1: batch 1, 10 images, 1 min 40 s"
    assert "gave no result" in second.text


@pytest.mark.parametrize("length_s", [0, 1, 59, 61, 3600, 40 * 3600, 40 * 86400])
def test_a_timeline_has_a_few_marks_whatever_its_length(length_s: float) -> None:
    time = timeline_of([job(1, 0, length_s)])
    assert 1 <= len(time.ticks) <= 8
    assert len({tick.text for tick in time.ticks}) == len(time.ticks)
    assert all(0 <= float(tick.at.rstrip("%")) <= 100 for tick in time.ticks)
