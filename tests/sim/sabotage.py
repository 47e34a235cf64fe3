"""Deliberate breakages of the engine: each is a rule taken away, and the simulator must notice.

`seed` is where the search begins: it finds it at once, or did before what seeds draw moved.
"""

from __future__ import annotations

from unittest.mock import patch

import requests

from coralrun import driver, limits, perform
from coralrun.coralnet.account import limiter
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.codec import job_lists, wire
from coralrun.machine import adopt, interpret, interpret_jobs, lineage, policy, volatile
from coralrun.machine.units import PlanUnits
from coralrun.store import journal, lock, platforms, run, snapshot

from . import breakages, breakages_in_talk
from .breakage import Sabotage
from .clock import DAY_S
from .local_sabotage import LOCAL_SABOTAGES

SABOTAGES: tuple[Sabotage, ...] = (
    Sabotage(
        "a job whose reply was lost is another copy's",
        lambda: patch.object(lineage, "may_be_own", breakages.known_jobs_alone),
        11,
        "is taken for another copy's",
    ),
    Sabotage("no settle wait", breakages.not_settled, 11, "is a duplicate"),
    Sabotage("no adoption", lambda: patch.object(adopt, "judge", breakages.never_arrived), 11, "is a duplicate"),
    Sabotage(
        "a job made since is taken for one from before",
        lambda: patch.object(job_lists, "_read", breakages.marker_of_now),
        11,
        "is a duplicate",
    ),
    Sabotage(
        "a list that overflowed is believed",
        lambda: patch.object(job_lists, "FINISHED_JOBS_PER_ACTIVE", 1000),
        152,
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
        lambda: patch.object(platforms, "sync_directory", breakages.no_sync),
        0,
        "run is gone",
    ),
    Sabotage(
        "no fsync of files",
        lambda: patch.object(platforms, "sync", breakages.unsynced),
        0,
        "damage where there is none",
    ),
    Sabotage(
        "redirects are followed",
        lambda: patch.object(requests.Session, "request", breakages_in_talk.follow),
        16,
        "was followed",
    ),
    Sabotage("the hourly window is ignored", lambda: breakages_in_talk.without_window(1), 16, "more requests than"),
    Sabotage("the burst window is ignored", lambda: breakages_in_talk.without_window(0), 16, "more requests than"),
    Sabotage(
        "requests of other processes are ignored",
        lambda: patch.object(limiter, "decode", breakages_in_talk.forgetful),
        0,
        "not on record",
    ),
    Sabotage(
        "a lost record counts as one minute",
        lambda: patch.object(limiter, "unreadable", breakages_in_talk.a_minute_lost),
        192,
        "not on record",
    ),
    Sabotage(
        "a record that is gone was never there",
        lambda: patch.object(limiter.SharedRecord, "read", breakages_in_talk.never_used),
        88,
        "not on record",
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
        36,
        "tried again at a refused address",
    ),
    Sabotage(
        "a plan comes into force before its files are there",
        lambda: patch.object(run, "make", breakages.planned_too_soon),
        3,
        "plan.json: missing",
    ),
    Sabotage(
        "the number of a unit is taken for the place of its image",
        lambda: patch.object(PlanUnits, "image_of", lambda self, unit: unit),
        5,
        "is credited with other points",
    ),
    Sabotage("a result is written after its fact", breakages.blob_after_fact, 11, "is missing"),
    Sabotage("a 400 is tried again", breakages.never_pauses, 54, "refused for good"),
    Sabotage("the lock is not taken", lambda: patch.object(lock, "hold", breakages.unlocked), 1, "two processes work"),
    Sabotage(
        "a snapshot is trusted without its hash",
        lambda: patch.object(snapshot, "unseal", breakages.any_seal),
        11,
        "not the state that was written",
    ),
    Sabotage(
        "any identity is believed",
        lambda: patch.object(run, "unseal", breakages.any_seal),
        528,
        "the run is taken for another",
    ),
    Sabotage(
        "no cap on attempts", lambda: patch.object(policy, "is_again", breakages.again_for_ever), 10, "had its attempts"
    ),
    Sabotage(
        "a permanent error is tried again",
        lambda: patch.object(policy, "is_again", breakages.again_always),
        3,
        "a permanent error is tried again",
    ),
    Sabotage(
        "one try is all", lambda: patch.object(policy, "is_again", breakages.never_again), 6, "that had tries left"
    ),
    Sabotage(
        "reasons are mixed up",
        lambda: patch.object(interpret_jobs, "_shared_out", breakages.mixed_up),
        1,
        "and ended as not-found",
    ),
    Sabotage("sizes are a matter of luck", breakages.sizes_by_luck, 0, "comes out otherwise"),
    Sabotage(
        "a failed question is asked again at once",
        lambda: patch.object(perform.Performer, "perform", breakages_in_talk.at_once_again),
        2,
        "requests were retries",
    ),
    Sabotage("a late result is asked for every second", breakages.impatient, 63, "requests were retries"),
    Sabotage(
        "an interruption waits for every reply",
        lambda: patch.object(driver, "INTERRUPT_GRACE_S", 36_000.0),
        73,
        "after Ctrl-C",
    ),
    Sabotage(
        "an interruption is noticed late", lambda: patch.object(driver, "LONGEST_WAIT_S", 60.0), 11, "after Ctrl-C"
    ),
    Sabotage(
        "a job that stands still is waited for for a month",
        lambda: patch.object(limits, "LOST_S", 30 * DAY_S),
        138,
        "the run does not end",
    ),
    Sabotage("a URL is sent at any age", breakages.any_age, 9, "too little life"),
    Sabotage(
        "no pause after failures", lambda: patch.object(volatile.Outage, "worse", breakages.at_once), 14, "in a row"
    ),
    Sabotage(
        "results keep their URLs",
        lambda: patch.object(wire, "without_query", breakages_in_talk.whole_url),
        0,
        "a secret stands",
    ),
    Sabotage("a journal need not follow its snapshot", breakages.unchained, 32, "is of another life"),
    Sabotage(
        "a flipped newline is a torn line",
        lambda: patch.object(journal, "_holds_a_record", lambda torn: False),
        56,
        "not the state that was written",
    ),
    Sabotage(
        "an intent is never taken back", lambda: patch.object(driver, "unsent", lambda state: None), 73, "left behind"
    ),
    Sabotage(
        "a list without a slot is believed",
        lambda: patch.object(adopt, "judge", breakages.settled_by_an_empty_list),
        73,
        "a doubt where",
    ),
    Sabotage(
        "entries overlap by a point", lambda: patch.object(perform, "split", breakages.overlapping), 26, "other points"
    ),
    Sabotage(
        "pauses double for ever",
        lambda: patch.object(limits, "BACKOFF_MOST_S", float("inf")),
        14,
        "nothing is tried for",
    ),
    Sabotage(
        "a URL is sent to the end of its life",
        lambda: patch.object(perform._Cached, "has_life", breakages.to_its_end),
        90,
        "is sent",
    ),
    Sabotage(
        "a URL that is dead when it comes is ready",
        lambda: patch.object(interpret, "_of_resolve", breakages.alive_when_dead),
        112,
        "asked for again at once",
    ),
    Sabotage(
        "a job may be on another host",
        lambda: patch.object(wire, "job_of_location", breakages_in_talk.any_host),
        32,
        "is taken for another copy's",
    ),
    Sabotage(
        "a proxy's 429 is believed",
        lambda: patch.object(CoralNetService, "_own_errors", breakages_in_talk.proxies_believed),
        864,
        "is a duplicate",
    ),
    Sabotage(
        "what was leased and not used is not given back",
        lambda: patch.object(limiter.Limiter, "close", breakages_in_talk.gives_nothing_back),
        0,
        "never sent stay on record",
    ),
    Sabotage(
        "requests in flight are forgotten at the end",
        lambda: patch.object(limiter.Limiter, "close", breakages_in_talk.forgets_in_flight),
        1904,
        "not on record",
    ),
    Sabotage(
        "a request counts from its sending",
        lambda: patch.object(limiter.Limiter, "request", breakages_in_talk.counted_from_sending),
        1416,
        "not on record",
    ),
    Sabotage(
        "pages are asked for at any rate",
        lambda: patch.object(limiter.WebRate, "take", breakages_in_talk.at_any_rate),
        0,
        "more pages a second",
    ),
    *LOCAL_SABOTAGES,
)
