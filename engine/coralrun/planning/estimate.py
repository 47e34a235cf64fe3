"""What a plan will cost: jobs, requests, the least time, the disk.

Rule: a bound first. The time is the least that the service's own limits allow when nothing goes wrong and nobody else
uses the account; the real time is longer. What the service's queue shows gives a second, which is what nine in ten of
its jobs would come to. Every assumption is a named constant with its source.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.planning.points import entries_of
from coralrun.planning.upload_cost import NO_UPLOADS, UploadCost
from coralrun.service.limits import ServiceLimits, Window

RESULT_BYTES_PER_POINT: Final = 123  # after gzip, of 600 real points (5 scores): the result 53.6, CoralNet's reply 69.3
POINTS_BYTES_PER_POINT: Final = 68  # as columns: two int32, five scores of float64 and five places of int32
RAW_BYTES_PER_POINT: Final = 555  # the same result before: 553.8; protocol 3 has 10.4 MB for 20,000 points, 520
TABLE_BYTES_PER_POINT: Final = 320  # its rows of predictions.csv: 318.3
DISK_BYTES_PER_POINT: Final = RESULT_BYTES_PER_POINT + POINTS_BYTES_PER_POINT + TABLE_BYTES_PER_POINT
IMAGE_BYTES: Final = 300  # an image's line in the plan, with a URL, and its share of journal and snapshots
REQUESTS_PER_JOB: Final = 2  # the submission and the result
LOOKS_PER_JOB: Final = 2  # listings and status calls at jobs of 2 to 6 minutes: benchmarks/RESULTS.md, "2-6 min"


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What a plan will cost at the least, for the `images` that are sent.

    `api_requests` = 2 a job + `listings`, which are the looks at the jobs: as many as the engine takes at CoralNet's
    usual pace, and one at least in the longest time between two. `web_pages` are CoralNet image pages, `batch_pages`
    those of batches that go by pages, `size_reads` the images of a manifest or bucket whose first bytes give their
    size. `entries_each` has, for each number of entries
    that an image may cost, how many images do: beyond 200 points it is more than one.

    Of the times, `slots_s` is set by the jobs at a time (`rounds` of `round_s`) or, where the service is computers of
    one's own, by their speed, which is an estimate; `window_s` by the requests allowed a minute and an hour (the jobs'
    own: looks take only what those leave), `web_s` by the page rate; `classify_s` is the greatest of them. All photos
    that are uploaded go before, in `upload_s`, which is an estimate too; `least_s` is both. `queue_s` is what it comes
    to where a round takes as long as the service's queue shows, None where that is not known. `slots_s`, `classify_s`,
    `least_s` and `queue_s` are None where the account may have no job at all. Where no photo is classified, all but the
    uploads is nothing.
    `free_slots` is as the service said, None if it was not asked.
    """

    images: int
    points: int
    entries: int
    entries_each: tuple[tuple[int, int], ...]
    batches: int
    api_requests: int
    listings: int
    web_pages: int
    batch_pages: int
    size_reads: int
    slots: int
    free_slots: int | None
    rounds: int | None
    round_s: float
    slots_s: float | None
    window_s: float
    web_s: float
    classify_s: float | None
    uploads: int
    upload_bytes: int
    upload_s: float
    least_s: float | None
    queue_s: float | None
    disk_bytes: int
    download_bytes: int


def estimate(
    plan: Plan,
    max_active_jobs: int,
    free_slots: int | None,
    *,
    queue_round_s: float | None = None,
    uploads: UploadCost = NO_UPLOADS,
    allowed: ServiceLimits,
) -> Estimate:
    """Reckon what a plan will cost on an account that may have `max_active_jobs` jobs at a time, by what is `allowed`.

    A round is from sending a job to seeing it done, in a place that is refilled at once: the time that a job takes
    there, or `queue_round_s` by the service's queue.
    """
    on_disk, plan = len(plan.images), _to_classify(plan)
    round_s = allowed.job_takes_s
    batches = sum(1 for _ in batches_of(plan, allowed.entries_per_job))
    slots = min(plan.concurrency, max_active_jobs)
    rounds = math.ceil(batches / slots) if slots > 0 else None
    points, speed = plan.points, allowed.speed
    all_s = round_s * (rounds or 0) if speed is None else points * speed.point_s / speed.at_once
    slots_s = None if rounds is None else all_s
    web_pages = sum(1 for image in plan.images if _has_page(image) and image.needs_resolving)
    requests_s, web_s = by_requests_s(batches, web_pages, allowed)
    busy_s = max(slots_s or 0.0, requests_s, web_s)
    listings = max(LOOKS_PER_JOB * batches, math.ceil(busy_s / allowed.look_most_s)) + 1  # one before the first job
    entries = Counter(entries_of(image.points, plan.points_per_entry) for image in plan.images)
    classify_s = None if slots_s is None else max(slots_s, requests_s, web_s)
    in_queue_s = None if rounds is None or queue_round_s is None else rounds * max(round_s, queue_round_s)
    queue_s = None if classify_s is None or in_queue_s is None else uploads.takes_s + max(classify_s, in_queue_s)
    return Estimate(
        images=len(plan.images),
        points=points,
        entries=sum(count * images for count, images in entries.items()),
        entries_each=tuple(sorted(entries.items())),
        batches=batches,
        api_requests=REQUESTS_PER_JOB * batches + listings,
        listings=listings,
        web_pages=web_pages,
        batch_pages=allowed.pages_per_job * batches,
        size_reads=_size_reads(plan),
        slots=max(slots, 0),
        free_slots=free_slots,
        rounds=rounds,
        round_s=round_s,
        slots_s=slots_s,
        window_s=requests_s,
        web_s=web_s,
        classify_s=classify_s,
        uploads=uploads.photos,
        upload_bytes=uploads.photo_bytes,
        upload_s=uploads.takes_s,
        least_s=None if classify_s is None else uploads.takes_s + classify_s,
        queue_s=queue_s,
        disk_bytes=points * DISK_BYTES_PER_POINT + on_disk * IMAGE_BYTES,
        download_bytes=points * RAW_BYTES_PER_POINT,
    )


def by_requests_s(batches: int, web_pages: int, allowed: ServiceLimits) -> tuple[float, float]:
    """The least time that the jobs' requests take by the windows, and that the pages take by their rate."""
    pages = web_pages + allowed.pages_per_job * batches
    requests_s = window_s(REQUESTS_PER_JOB * batches, allowed.windows or ())
    return requests_s, pages / (allowed.images_per_s or math.inf)


def _to_classify(plan: Plan) -> Plan:
    """The plan without the images that fail without being asked for, or without any where none is classified."""
    if not plan.classifies:
        return replace(plan, images=())
    if not plan.unfit:
        return plan
    return replace(plan, images=tuple(image for image in plan.images if image.unfit is None))


def _has_page(image: PlannedImage) -> bool:
    return image.image_id is not None or image.upload is not None


def _size_reads(plan: Plan) -> int:
    """The images whose size must be known to lay their points, and is not; of a bucket all, with their address."""
    return sum(
        1
        for image in plan.images
        if image.image_id is None
        and image.sha256 is None
        and image.size is None
        and (image.url is None or plan.needs_size(image))
    )


def batches_of(plan: Plan, entries_most: int) -> Iterator[range]:
    """Cut a plan's images into batches in order: each of at most so many entries, no image in two of them."""
    first = entries = 0
    for index, image in enumerate(plan.images):
        more = entries_of(image.points, plan.points_per_entry)
        if index > first and (index - first == plan.batch_size or entries + more > entries_most):
            yield range(first, index)
            first, entries = index, 0
        entries += more
    if plan.images:
        yield range(first, len(plan.images))


def window_s(requests: int, windows: Sequence[Window]) -> float:
    """The least time in which so many requests may be sent by all windows, from a rested account.

    It ends with the sending of the last one, so the first that fit in a window take no time. A longer window is filled
    again and again, and what is left over by the shorter ones.
    """
    left, spent_s = max(requests - 1, 0), 0.0
    for window in sorted(windows, reverse=True):
        full, left = divmod(left, window.most)
        spent_s += full * window.span_s
    return spent_s
