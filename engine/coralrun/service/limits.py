"""What a service takes and how it is to be asked: a record that each service hands over.

Rule: whoever plans a run or carries it out knows a service's limits from here alone. Lengths of time are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Window(NamedTuple):
    """So many requests may be sent within so long; `planned` of them are planned with, for others may ask too."""

    span_s: float
    most: int
    planned: float


class Speed(NamedTuple):
    """A point takes so long, and so many are classified at once; `told` says how that is known."""

    point_s: float
    at_once: int
    told: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceLimits:
    """What one service takes.

    `jobs_at_once` is what an ordinary account may have, where the service was not asked yet. None stands for no limit:
    of the points in one entry and on one image, of an image's pixels, of requests in any time (`windows`), of how long
    results can be fetched, and of how many images can be located in a second. `settle_s` is how long a submission
    without a reply may still be on its way; `job_takes_s` is a job's usual length before one was seen, `look_least_s`
    and `look_most_s` are the least and the longest time between two looks at the jobs. `pages_per_job` is how many
    pages a job costs at a service that is asked by pages. With `is_shared` others may have jobs and send requests in
    the same account. With `must_release` a job takes room at the service until it is told that the result is stored.
    With `takes_all` no job waits for another's end, whatever a survey says of jobs at a time, and a listing sees to it
    by itself how each is. With `ends_with_process` jobs are gone with the process that sent them. `speed` is known
    where computers of one's own classify.
    """

    jobs_at_once: int
    entries_per_job: int
    points_per_entry: int | None = None
    points_per_image: int | None = None
    pixels: int | None = None
    windows: tuple[Window, ...] | None = None
    look_least_s: float = 1.0
    look_most_s: float = 60.0
    job_takes_s: float = 60.0
    settle_s: float = 0.0
    results_keep_s: float | None = None
    images_per_s: float | None = None
    pages_per_job: int = 0
    is_shared: bool = False
    must_release: bool = False
    takes_all: bool = False
    ends_with_process: bool = False
    speed: Speed | None = None
