"""The engine's choices in numbers: when to look, how long to rest, when to stop hoping.

Rule: pure functions of what is known, each with its reason. Nothing here is needed for safety.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from coralrun import limits
from coralrun.machine.experience import Experience
from coralrun.machine.notes import Ready
from coralrun.machine.reasons import AGAIN, Reason

PAGES_AT_ONCE = 8
"""Resolves in flight: enough to fill the default web rate at 2 s a page, few enough to be polite."""

RESOLVE_TRIES = 8
"""Failed resolves of one image before it ends: with the doubling rest, some 20 minutes of trying."""

GATHERED_TIMES = 4
"""Pages of one image read for one submission, before its batch goes without the images whose URLs are over."""

UNREADABLE_TRIES = 5
"""Results of one job that could not be read, before the job is given up."""

LOOK_EVERY_S = 300.0
"""The least time between two status calls for one job that is merely slow."""


USUAL_S = 240.0
"""The middle of the 2 to 6 minutes that a job takes at an idle CoralNet (protocol 5)."""

APART_USUAL_S = 23.3
"""Between two looks at such jobs, on average: a slot idles for a twentieth of a job, at two listings a job."""

APART_POWER = 2.1

APART_MOST_S = 30.0
"""Between two looks at longer jobs: 120 of the hour's 1,000 requests, which jobs that long leave to spare."""

APART_LEAST_S = 1.0
"""Between two looks at jobs of seconds, such as the embedded service's."""

APART_TOLD = 0.165
"""The same as a share of a job's length where status calls foretell its end: the looks then hit, and may be few."""

WINDOW_SHARE = 0.9
"""What the engine plans to use of the service's two windows; the rest is for what goes wrong."""

SHARED_SHARE = 0.75
"""The same while others' jobs are seen in the account: whoever sent them spends requests of the same windows."""

REQUESTS_A_JOB = 2
"""The submission and the result."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the requests are needed for: so many jobs yet, of a usual length, so many at a time, in an account of one's
    own or not."""

    jobs_left: int
    usual_s: float
    slots: int
    is_telling: bool
    is_shared: bool = False


def apart_s(demand: Demand, now: float, sent_s: Sequence[float]) -> float:
    """The average time between two looks that is worth its requests; `sent_s` are those of the last ones, in order.

    It falls with the square of a job's length: the shorter the job, the more of it is lost to the same delay, and the
    fewer requests the whole survey takes. No more is planned than what the minute and the hour have to spare once
    every job that falls into them has its own requests.
    """
    usual_s = demand.usual_s
    if demand.is_telling:
        wanted_s = APART_TOLD * usual_s
    else:
        wanted_s = min(APART_MOST_S, APART_USUAL_S * (usual_s / USUAL_S) ** APART_POWER)
    windows = ((60.0, limits.REQUESTS_PER_MINUTE), (3600.0, limits.REQUESTS_PER_HOUR))
    return max(APART_LEAST_S, wanted_s, *(_spare_s(demand, now, sent_s, *window) for window in windows))


def _spare_s(demand: Demand, now: float, sent_s: Sequence[float], window_s: float, most: int) -> float:
    """The time between two looks that a window allows until it or the survey ends, whatever comes first."""
    span_s = min(window_s, demand.jobs_left * demand.usual_s / demand.slots)
    if span_s <= 0:
        return 0.0
    jobs = min(demand.jobs_left, span_s * demand.slots / demand.usual_s)
    used = len(sent_s) - bisect_right(sent_s, now - (window_s - span_s))
    spare = (SHARED_SHARE if demand.is_shared else WINDOW_SHARE) * most - used - REQUESTS_A_JOB * jobs
    return span_s / spare if spare > 1 else span_s


def serves_s(life_s: float | None) -> float:
    """How long a URL may be submitted: half its life must be left for the service's queue (protocol 5)."""
    return float("inf") if life_s is None else life_s / 2


def dies_young(ready: Ready, images: int, web_rate: float) -> bool:
    """Whether a URL that serves no more would be gone again before the pages of a whole batch are read.

    By the rate at which pages are asked for, with as much again to spare; and by having tried, where a site is slower.
    """
    return ready.serves_s < 2 * images / web_rate or ready.times >= GATHERED_TIMES


def overdue_after_s(experience: Experience) -> float:
    """For how long a job may be active before it is asked about by name.

    By the jobs that have ended alone: one that stands still must not put off the moment at which it is asked about.
    """
    lengths_s = sorted(length.seconds for length in experience.lengths)
    return max(limits.STUCK_S, 4 * lengths_s[len(lengths_s) // 2]) if lengths_s else limits.STUCK_S


def rest_s(failures: int) -> float:
    """How long an image rests after so many failures: 5 s, doubled each time, at most 10 min."""
    return min(limits.BACKOFF_MOST_S, limits.BACKOFF_FIRST_S * float(1 << min(max(0, failures - 1), 20)))


def retry_rest_s(reason: Reason, tries: int) -> float:
    """How long before an image is submitted again; an expired URL needs no rest, a new one mends it."""
    return 0.0 if reason is Reason.URL_EXPIRED else rest_s(tries)


def throttled_s(asked_s: float | None) -> float:
    """How long to be silent when the service asks for it, whatever nonsense it asks."""
    if asked_s is None or not 0 < asked_s < float("inf"):
        return limits.THROTTLED_DEFAULT_S
    return min(asked_s, limits.THROTTLED_MOST_S)


def is_again(reason: Reason, tries: int, attempts: int) -> bool:
    """Whether an image that failed now for the `tries`-th time gets another try."""
    return reason in AGAIN and tries < attempts
