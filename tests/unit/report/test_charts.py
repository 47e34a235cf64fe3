"""Where the marks of charts stand."""

from __future__ import annotations

import pytest

from coralrun.report.charts import scale_of, timeline_of
from coralrun.report.model import Estimate, JobSpan


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


def test_jobs_that_overlap_stand_in_different_rows_and_a_row_is_used_again() -> None:
    time = timeline_of([job(1, 0, 100), job(2, 10, 60), job(3, 60, 100), job(4, 100, 200)])
    assert [(bar.row, bar.text.partition(":")[0]) for bar in time.bars] == [
        (0, "job 1"), (0, "job 4"), (1, "job 2"), (1, "job 3"),
    ]  # fmt: skip
    assert time.rows == 2
    assert time.length == "3 min 20 s"


def test_a_bar_stands_where_its_job_was_and_tells_what_it_was() -> None:
    time = timeline_of([job(1, 0, 100), job(2, 50, 200, lost=True)])
    first, second = time.bars
    assert (time.rows, time.at_once) == (2, 1), "how long the second was there nobody knows"
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


def test_jobs_that_began_and_ended_in_one_second_stand_in_rows_of_their_own() -> None:
    assert timeline_of([job(1, 5, 5), job(2, 5, 5), job(3, 6, 9)]).rows == 2


def test_thousands_of_jobs_share_bars_and_none_is_lost() -> None:
    jobs = [job(number, 10 * number, 10 * number + 9) for number in range(5000)]
    jobs[2500] = job(2500, 25_000, 25_009, lost=True)
    time = timeline_of(jobs)
    assert len(time.bars) == 3
    assert [bar.lost for bar in time.bars] == [False, True, False]
    assert time.bars[0].text.startswith("2,500 jobs from 0 on: 25,000 images")
