"""What a plan costs: jobs, requests, times and bytes, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.coralnet.protocol import LIMITS
from coralrun.planning.estimate import LOOKS_PER_JOB, batches_of, estimate, window_s
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.service.limits import Speed


def images(count: int, points: int, **more: object) -> tuple[PlannedImage, ...]:
    fields = {"image_id": 1, **more}
    return tuple(
        PlannedImage(key=str(index), source="s", name=str(index), points=points, **fields)  # type: ignore[arg-type]
        for index in range(count)
    )


def plan(planned: tuple[PlannedImage, ...], batch_size: int = 100, concurrency: int = 5) -> Plan:
    return replace(PLAN, images=planned, batch_size=batch_size, concurrency=concurrency, points_per_entry=200)


def test_batches_hold_at_most_their_size_in_images_and_a_hundred_entries() -> None:
    assert list(batches_of(plan(images(250, 200)), 100)) == [range(100), range(100, 200), range(200, 250)]
    assert list(batches_of(plan(images(250, 200), batch_size=30), 100))[:2] == [range(30), range(30, 60)]
    assert list(batches_of(plan(images(50, 1000)), 100)) == [range(20), range(20, 40), range(40, 50)]
    assert list(batches_of(plan(()), 100)) == []


def test_the_entries_of_one_image_are_never_in_two_batches() -> None:
    planned = images(1, 200) * 98 + images(1, 600) + images(1, 200)
    assert list(batches_of(plan(planned), 100)) == [range(98), range(98, 100)]


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [(0, 0), (1, 0), (60, 0), (61, 60), (121, 120), (1000, 960), (1001, 3600), (1061, 3660), (2001, 7200)],
)
def test_requests_keep_to_sixty_a_minute_and_a_thousand_an_hour(requests: int, seconds: float) -> None:
    assert window_s(requests, LIMITS.windows or ()) == seconds


def test_a_small_survey_takes_one_round_of_the_service() -> None:
    cost = estimate(plan(images(200, 200)), max_active_jobs=5, free_slots=4, allowed=LIMITS)
    assert (cost.images, cost.points, cost.entries, cost.batches) == (200, 40_000, 200, 2)
    assert (cost.rounds, cost.round_s, cost.slots_s) == (1, 240.0, 240.0)
    assert cost.web_pages == 200
    assert cost.web_s == 50.0
    assert cost.listings == 5
    assert cost.api_requests == 9
    assert (cost.least_s, cost.queue_s) == (240.0, None)
    assert (cost.slots, cost.free_slots) == (5, 4)
    assert cost.disk_bytes == 40_000 * 511 + 200 * 300


def test_looks_are_counted_at_the_pace_that_is_learnt_and_not_by_patience_alone() -> None:
    looks = estimate(plan(images(6000, 200)), max_active_jobs=5, free_slots=5, allowed=LIMITS).listings
    assert looks == LOOKS_PER_JOB * 60 + 1
    hour = replace(LIMITS, job_takes_s=3600.0)
    slow = estimate(plan(images(100, 200)), max_active_jobs=5, free_slots=5, allowed=hour)
    assert slow.listings == 3600 / 75 + 1


def test_a_million_images_are_bound_by_requests_an_hour_and_pages_a_second() -> None:
    unlimited = estimate(
        plan(images(1, 200, url="u", size=Size(9, 9)) * 1_000_000, concurrency=500), 500, None, allowed=LIMITS
    )
    assert unlimited.batches == 10_000
    assert unlimited.window_s >= 20 * 3600 - 3600  # 20,000 requests, the last thousand within the last hour
    assert unlimited.least_s == unlimited.window_s
    crawled = estimate(plan(images(1, 200) * 1_000_000, concurrency=500), 500, None, allowed=LIMITS)
    assert crawled.least_s == crawled.web_s == 250_000.0


def test_the_survey_uses_no_more_jobs_than_the_account_has() -> None:
    cost = estimate(plan(images(600, 200), concurrency=10), max_active_jobs=2, free_slots=None, allowed=LIMITS)
    assert cost.slots == 2
    assert (cost.rounds, cost.slots_s) == (3, 3 * 240.0)


def test_computers_of_ones_own_take_as_long_as_their_speed_says() -> None:
    own = replace(LIMITS, job_takes_s=1.0, windows=None, speed=Speed(0.02, 8, "measured"))
    cost = estimate(plan(images(600, 200), concurrency=9), 9, None, allowed=own)
    assert (cost.rounds, cost.slots_s, cost.least_s) == (1, 300.0, 300.0)


def test_an_account_without_any_job_has_no_least_time() -> None:
    cost = estimate(plan(images(100, 200)), max_active_jobs=0, free_slots=0, allowed=LIMITS)
    assert (cost.rounds, cost.slots_s, cost.least_s) == (None, None, None)
    assert estimate(plan(images(100, 200)), 0, 0, queue_round_s=600.0, allowed=LIMITS).queue_s is None


def test_pages_are_counted_for_coralnet_and_header_reads_for_manifests() -> None:
    planned = (
        images(3, 1) + images(2, 1, image_id=None, url="u") + images(1, 1, image_id=None, url="u", size=Size(1, 1))
    )
    cost = estimate(plan(planned), 5, None, allowed=LIMITS)
    assert (cost.web_pages, cost.size_reads) == (3, 2)


def test_points_from_a_file_need_no_image_sizes() -> None:
    planned = images(2, 1, image_id=None, url="u")
    assert estimate(replace(plan(planned), design=None), 5, None, allowed=LIMITS).size_reads == 0


def test_the_sizes_of_a_bucket_s_images_are_read_whatever_lays_their_points() -> None:
    planned = images(2, 1, image_id=None)
    both = (plan(planned), replace(plan(planned), design=None))
    assert [estimate(of, 5, None, allowed=LIMITS).size_reads for of in both] == [2, 2]
    assert estimate(plan(planned), 5, None, allowed=LIMITS).web_pages == 0


@pytest.mark.parametrize(("points", "entries"), [(1, 1), (200, 1), (201, 2), (400, 2), (401, 3), (1000, 5)])
def test_each_two_hundred_points_of_an_image_take_an_entry(points: int, entries: int) -> None:
    cost = estimate(plan(images(10, points)), 5, None, allowed=LIMITS)
    assert (cost.entries, cost.entries_each) == (10 * entries, ((entries, 10),))


def test_images_are_counted_by_the_entries_that_they_take() -> None:
    cost = estimate(plan(images(3, 450) + images(2, 20) + images(5, 201) + images(1, 600)), 5, None, allowed=LIMITS)
    assert cost.entries_each == ((1, 2), (2, 5), (3, 4))
    assert cost.entries == 2 + 10 + 12


def test_the_physical_limit_of_175000_images_is_that_of_the_rounds() -> None:
    cost = estimate(plan(images(1, 200, url="u", size=Size(9, 9)) * 175_000), 5, None, allowed=LIMITS)
    assert (cost.batches, cost.rounds) == (1750, 350)
    assert cost.least_s is not None
    assert round(cost.least_s / 3600, 1) == 23.3


@pytest.mark.parametrize(
    ("queue_round_s", "queue_s"), [(None, None), (0.0, 480.0), (239.0, 480.0), (300.0, 600.0), (86_400.0, 172_800.0)]
)
def test_the_queue_s_own_pace_never_undercuts_a_round_of_the_service(
    queue_round_s: float | None, queue_s: float | None
) -> None:
    cost = estimate(plan(images(600, 200)), 5, None, queue_round_s=queue_round_s, allowed=LIMITS)
    assert (cost.least_s, cost.queue_s) == (480.0, queue_s)


def test_whatever_else_binds_binds_at_the_queue_s_pace_too() -> None:
    crawled = estimate(plan(images(600, 200)), 5, None, queue_round_s=300.0, allowed=replace(LIMITS, images_per_s=0.1))
    assert crawled.queue_s == crawled.least_s == crawled.web_s == 6000.0
