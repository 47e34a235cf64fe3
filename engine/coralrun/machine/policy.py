"""The engine's choices in numbers: how long to rest, when to ask, when to give up.

Rule: pure functions of what is known, each with its reason. Nothing here is needed for safety.
"""

from __future__ import annotations

from coralrun import limits
from coralrun.machine.experience import Experience
from coralrun.machine.notes import Ready
from coralrun.machine.reasons import AGAIN, NO_TRY, Reason

RESOLVES_AT_ONCE = 8
"""Resolves in flight: enough to fill the default web rate at 2 s each, few enough to be polite."""

RESOLVE_TRIES = 8
"""Failed resolves of one image before it ends: with the doubling rest, some 20 minutes of trying."""

NAMES_AT_ONCE = 100
"""Names asked for in one request: each costs the service a look into its database (upload, 1)."""

UPLOAD_TRIES = 8
"""Times that one photo is sent and does not arrive before it ends: as for resolves, some 20 minutes of trying."""

GATHERED_TIMES = 4
"""Pages of one image read for one submission, before its batch goes without the images whose URLs are over."""

UNREADABLE_TRIES = 5
"""Results of one job that could not be read, before the job is given up."""

LOOK_EVERY_S = 300.0
"""The least time between two status calls for one job that is merely slow."""


def serves_s(life_s: float | None) -> float:
    """How long a URL may be submitted: half its life must be left for the service's queue (protocol 5)."""
    return float("inf") if life_s is None else life_s / 2


def dies_young(ready: Ready, images: int, images_per_s: float | None) -> bool:
    """Whether a URL that serves no more would be gone again before those of a whole batch are had.

    By the rate at which they are asked for, with as much again to spare; and by having tried, where a site is slower.
    """
    return ready.serves_s < (2 * images / images_per_s if images_per_s else 0.0) or ready.times >= GATHERED_TIMES


def overdue_after_s(experience: Experience) -> float:
    """For how long a job may be active before it is asked about by name.

    By the jobs that have ended alone: one that stands still must not put off the moment at which it is asked about.
    """
    return max(limits.STUCK_S, 4 * experience.usual_s(0.0))


def rest_s(failures: int) -> float:
    """How long an image rests after so many failures: 5 s, doubled each time, at most 10 min."""
    return min(limits.BACKOFF_MOST_S, limits.BACKOFF_FIRST_S * float(1 << min(max(0, failures - 1), 20)))


def retry_rest_s(reason: Reason, tries: int) -> float:
    """How long before an image is submitted again; an expired URL needs no rest, a new one mends it, nor does an image
    of which nothing was tried."""
    return 0.0 if reason in (Reason.URL_EXPIRED, Reason.SERVICE_ENDED) else rest_s(tries)


def throttled_s(asked_s: float | None) -> float:
    """How long to be silent when the service asks for it, whatever nonsense it asks."""
    if asked_s is None or not 0 < asked_s < float("inf"):
        return limits.THROTTLED_DEFAULT_S
    return min(asked_s, limits.THROTTLED_MOST_S)


def is_again(reason: Reason, tries: int, attempts: int) -> bool:
    """Whether an image that failed now for the `tries`-th time gets another try."""
    return reason in NO_TRY or (reason in AGAIN and tries < attempts)
