"""What a plan costs: jobs, requests, times and bytes, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.plan.estimate import LOOKS_PER_JOB, batches_of, estimate, window_s
from coralrun.plan.model import Plan, PlannedImage, Size


def images(count: int, points: int, **more: object) -> tuple[PlannedImage, ...]:
    fields = {"image_id": 1, **more}
    return tuple(
        PlannedImage(key=str(index), source="s", name=str(index), points=points, **fields)  # type: ignore[arg-type]
        for index in range(count)
    )


def plan(planned: tuple[PlannedImage, ...], batch_size: int = 100, concurrency: int = 5) -> Plan:
    return replace(PLAN, images=planned, batch_size=batch_size, concurrency=concurrency)


def test_batches_hold_at_most_their_size_in_images_and_a_hundred_entries() -> None:
    assert list(batches_of(images(250, 200), 100)) == [range(100), range(100, 200), range(200, 250)]
    assert list(batches_of(images(250, 200), 30))[:2] == [range(30), range(30, 60)]
    assert list(batches_of(images(50, 1000), 100)) == [range(20), range(20, 40), range(40, 50)]
    assert list(batches_of((), 100)) == []


def test_the_entries_of_one_image_are_never_in_two_batches() -> None:
    planned = images(1, 200) * 98 + images(1, 600) + images(1, 200)
    assert list(batches_of(planned, 100)) == [range(98), range(98, 100)]


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [(0, 0), (1, 0), (60, 0), (61, 60), (121, 120), (1000, 960), (1001, 3600), (1061, 3660), (2001, 7200)],
)
def test_requests_keep_to_sixty_a_minute_and_a_thousand_an_hour(requests: int, seconds: float) -> None:
    assert window_s(requests) == seconds


def test_a_small_survey_takes_one_round_of_the_service() -> None:
    cost = estimate(plan(images(200, 200)), max_active_jobs=5, free_slots=4)
    assert (cost.images, cost.points, cost.entries, cost.batches) == (200, 40_000, 200, 2)
    assert cost.slots_s == 120.0
    assert cost.web_pages == 200
    assert cost.web_s == 50.0
    assert cost.listings == 5
    assert cost.api_requests == 9
    assert cost.least_s == 120.0
    assert (cost.slots, cost.free_slots) == (5, 4)
    assert cost.disk_bytes == 40_000 * 390 + 200 * 300


def test_looks_are_counted_at_the_pace_that_is_learnt_and_not_by_patience_alone() -> None:
    looks = estimate(plan(images(6000, 200)), max_active_jobs=5, free_slots=5).listings
    assert looks == LOOKS_PER_JOB * 60 + 1
    slow = estimate(plan(images(100, 200)), max_active_jobs=5, free_slots=5, job_least_s=3600.0)
    assert slow.listings == 3600 / 75 + 1


def test_a_survey_of_a_million_images_is_bound_by_the_requests_an_hour_and_the_pages_a_second() -> None:
    unlimited = estimate(plan(images(1, 200, url="u", size=Size(9, 9)) * 1_000_000, concurrency=500), 500, None)
    assert unlimited.batches == 10_000
    assert unlimited.window_s >= 20 * 3600 - 3600  # 20,000 requests, the last thousand within the last hour
    assert unlimited.least_s == unlimited.window_s
    crawled = estimate(plan(images(1, 200) * 1_000_000, concurrency=500), 500, None)
    assert crawled.least_s == crawled.web_s == 250_000.0


def test_the_survey_uses_no_more_jobs_than_the_account_has() -> None:
    cost = estimate(plan(images(600, 200), concurrency=10), max_active_jobs=2, free_slots=None)
    assert cost.slots == 2
    assert cost.slots_s == 3 * 120.0


def test_an_account_without_any_job_has_no_least_time() -> None:
    cost = estimate(plan(images(100, 200)), max_active_jobs=0, free_slots=0)
    assert cost.slots_s is None
    assert cost.least_s is None


def test_pages_are_counted_for_coralnet_and_header_reads_for_a_manifest_without_sizes() -> None:
    planned = (
        images(3, 1) + images(2, 1, image_id=None, url="u") + images(1, 1, image_id=None, url="u", size=Size(1, 1))
    )
    cost = estimate(plan(planned), 5, None)
    assert (cost.web_pages, cost.size_reads) == (3, 2)


def test_points_from_a_file_need_no_image_sizes() -> None:
    planned = images(2, 1, image_id=None, url="u")
    assert estimate(replace(plan(planned), design=None), 5, None).size_reads == 0


def test_the_sizes_of_a_bucket_s_images_are_read_whatever_lays_their_points() -> None:
    planned = images(2, 1, image_id=None)
    assert [estimate(each, 5, None).size_reads for each in (plan(planned), replace(plan(planned), design=None))] == [
        2,
        2,
    ]
    assert estimate(plan(planned), 5, None).web_pages == 0


def test_points_beyond_two_hundred_take_more_entries() -> None:
    assert estimate(plan(images(10, 450)), 5, None).entries == 30
