"""The engine's choices in numbers: when to look, how long to rest, when to stop hoping.

Rule: pure functions of what is known, each with its reason. Nothing here is needed for safety.
"""

from __future__ import annotations

from collections.abc import Collection
from statistics import median

from coralrun import limits
from coralrun.machine.reasons import AGAIN, Reason

PAGES_AT_ONCE = 8
"""Resolves in flight: enough to fill the default web rate at 2 s a page, few enough to be polite."""

RESOLVE_TRIES = 8
"""Failed resolves of one image before it ends: with the doubling rest, some 20 minutes of trying."""

UNREADABLE_TRIES = 5
"""Results of one job that could not be read, before the job is given up."""

LOOK_EVERY_S = 300.0
"""The least time between two status calls for one job that is merely slow."""


LOOK_SHARE = 0.1
"""The time between two looks, as a share of a job's usual length: a slot then idles for about a twentieth of it, and
five slots cost two listings a job, whatever the length."""

LOOK_LEAST_S = 12.0
"""The least time between two looks that is learnt: 300 of the hour's 1,000 requests, so that jobs keep the others."""


def next_listing_s(now: float, patience_s: float, durations_s: Collection[float]) -> float:
    """When to ask for the account's jobs again: by the length of the jobs so far, and after `patience_s` at the latest.

    Until jobs have finished nothing is known of their length, and patience alone counts.
    """
    if not durations_s:
        return now + patience_s
    return now + min(patience_s, max(LOOK_LEAST_S, LOOK_SHARE * median(durations_s)))


def stale_at_s(now: float, life_s: float | None) -> float | None:
    """Until when a URL may be submitted: half its life must be left for the service's queue (protocol 5)."""
    return None if life_s is None else now + life_s / 2


def overdue_after_s(durations_s: Collection[float]) -> float:
    """For how long a job may be active before it is asked about by name."""
    return max(limits.STUCK_S, 4 * median(durations_s)) if durations_s else limits.STUCK_S


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
