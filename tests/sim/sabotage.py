"""Deliberate breakages of the engine: each is a rule taken away, and the simulator must notice.

`seed` is where a search from 0 found it first.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import requests

from coralrun import driver, limits, perform
from coralrun.coralnet import limiter, wire
from coralrun.machine import adopt, learn_jobs, lineage, policy, volatile
from coralrun.store import files, lock, run, snapshot

from . import breakages
from .clock import DAY_S

Broken = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One breakage, the seed that finds it, and what is then said."""

    name: str
    broken: Broken
    seed: int
    says: str


SABOTAGES: tuple[Sabotage, ...] = (
    Sabotage(
        "a job whose reply was lost is another copy's",
        lambda: patch.object(lineage, "may_be_own", breakages.known_jobs_alone),
        0,
        "is taken for another copy's",
    ),
    Sabotage("no settle wait", breakages.not_settled, 0, "is a duplicate"),
    Sabotage("no adoption", lambda: patch.object(adopt, "judge", breakages.never_arrived), 0, "is a duplicate"),
    Sabotage(
        "a list that overflowed is believed",
        lambda: patch.object(adopt, "FINISHED_JOBS_PER_ACTIVE", 1000),
        11,
        "is a duplicate",
    ),
    Sabotage(
        "facts are applied before they are on disk",
        lambda: patch.object(driver.Driver, "_complete", breakages.apply_first),
        0,
        "the live state is not the one on disk",
    ),
    Sabotage(
        "facts are applied and then appended",
        lambda: patch.object(driver.Driver, "_complete", breakages.apply_then_append),
        0,
        "damage where there is none",
    ),
    Sabotage(
        "no fsync of directories",
        lambda: patch.object(files, "sync_directory", breakages.no_sync),
        0,
        "identity is gone",
    ),
    Sabotage(
        "no fsync of files", lambda: patch.object(files, "_sync", breakages.unsynced), 0, "damage where there is none"
    ),
    Sabotage(
        "redirects are followed",
        lambda: patch.object(requests.Session, "request", breakages.follow),
        104,
        "was followed",
    ),
    Sabotage("the hourly window is ignored", lambda: breakages.without_window(1), 16, "more requests than"),
    Sabotage("the burst window is ignored", lambda: breakages.without_window(0), 184, "more requests than"),
    Sabotage(
        "requests of other processes are ignored",
        lambda: patch.object(limiter, "decode", breakages.forgetful),
        16,
        "more requests than",
    ),
    Sabotage(
        "a lost record counts as one minute",
        lambda: patch.object(limiter, "unreadable", breakages.a_minute_lost),
        96,
        "more requests than",
    ),
    Sabotage(
        "a record that is gone was never there",
        lambda: patch.object(limiter.SharedRecord, "read", breakages.never_used),
        96,
        "more requests than",
    ),
    Sabotage(
        "results are credited by set and not by order",
        lambda: patch.object(perform.Performer, "_collect", breakages.credit_by_set),
        3,
        "was credited",
    ),
    Sabotage(
        "an address that cannot be signed anew is tried again",
        lambda: patch.object(perform.Performer, "_final_if_own", lambda self, number, reason: reason),
        20,
        "tried again at a refused address",
    ),
    Sabotage("a result is written after its fact", breakages.blob_after_fact, 3, "is missing"),
    Sabotage("a 400 is tried again", breakages.never_pauses, 58, "refused for good"),
    Sabotage("the lock is not taken", lambda: patch.object(lock, "hold", breakages.unlocked), 1, "two processes work"),
    Sabotage(
        "a snapshot is trusted without its hash",
        lambda: patch.object(snapshot, "sha256_hex", breakages.any_hash),
        154,
        "not the state that was written",
    ),
    Sabotage(
        "any identity is believed",
        lambda: patch.object(run, "sha256_hex", breakages.any_hash),
        248,
        "taken for another",
    ),
    Sabotage(
        "no cap on attempts", lambda: patch.object(policy, "is_again", breakages.again_for_ever), 1, "had its attempts"
    ),
    Sabotage(
        "a permanent error is tried again",
        lambda: patch.object(policy, "is_again", breakages.again_always),
        3,
        "a permanent error is tried again",
    ),
    Sabotage(
        "one try is all", lambda: patch.object(policy, "is_again", breakages.never_again), 0, "that had tries left"
    ),
    Sabotage(
        "reasons are mixed up",
        lambda: patch.object(learn_jobs, "_shared_out", breakages.mixed_up),
        1,
        "and ended as not-found",
    ),
    Sabotage("sizes are a matter of luck", breakages.sizes_by_luck, 60, "comes out otherwise"),
    Sabotage(
        "a failed question is asked again at once",
        lambda: patch.object(perform.Performer, "perform", breakages.at_once_again),
        2,
        "requests were retries",
    ),
    Sabotage("a late result is asked for every second", breakages.impatient, 53, "requests were retries"),
    Sabotage(
        "an interruption waits for every reply",
        lambda: patch.object(driver, "INTERRUPT_GRACE_S", 36_000.0),
        10,
        "after Ctrl-C",
    ),
    Sabotage(
        "an interruption is noticed late", lambda: patch.object(driver, "LONGEST_WAIT_S", 60.0), 7, "after Ctrl-C"
    ),
    Sabotage(
        "a job that stands still is waited for for a month",
        lambda: patch.object(limits, "LOST_S", 30 * DAY_S),
        6,
        "the run does not end",
    ),
    Sabotage("a URL is sent at any age", breakages.any_age, 10, "too little life"),
    Sabotage(
        "no pause after failures", lambda: patch.object(volatile.Outage, "worse", breakages.at_once), 2, "in a row"
    ),
    Sabotage(
        "results keep their URLs",
        lambda: patch.object(wire, "without_query", breakages.whole_url),
        0,
        "a secret stands",
    ),
)
