"""When to look at the jobs again: one listing tells of all of them.

A look costs a request, and a job whose end is not seen costs a slot's time; the hour has more requests than most
surveys need. So look every twentieth of the time that a job usually takes, as often as the windows of requests allow,
and not while no job can have ended yet, which is known once some have. Where no job waits for another's end, a late
look costs no slot: looks come less often there, the longer nothing has begun or ended.

Rule: pure; nothing here is needed for safety.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from coralrun.machine.experience import Experience, Watched
from coralrun.machine.job_id import JobId
from coralrun.machine.state import State
from coralrun.service.limits import Window

INTERVAL_SHARE, INTERVAL_MOST_S = 0.05, 10.0
KNOWN_LEAST = 3  # lengths that tell when no job can have ended
BLIND_MOST_S = 20.0  # the longest time without a look for that reason: the next job may be shorter than all before it
REQUESTS_A_JOB = 2  # the submission and the result


class NextLook(NamedTuple):
    """When the account's jobs are listed again, and why then, in words that follow "the next look at the jobs: "."""

    at_s: float
    why: str


def next_look(state: State, now: float) -> NextLook:
    """When the account's jobs should be listed again: after the longest time between two at the latest."""
    volatile, experience = state.volatile, state.volatile.experience
    seen_s = now if volatile.listed_s is None else volatile.listed_s  # a first listing is as good as one of now
    latest = NextLook(seen_s + state.setup.patience_s, "the longest time between two looks ends then")
    ours = {batch.job for batch in state.durable.active.values()} & volatile.active_jobs
    others = volatile.active_jobs - ours
    if not ours and not (others and state.work_waits()):
        return latest
    usual_s = experience.usual_s(state.setup.allowed.job_takes_s)
    interval_s = _interval_s(state, max(1, len(ours)), usual_s, now)
    oldest = _oldest(experience, ours) if len(experience.lengths) >= KNOWN_LEAST else None
    if oldest is None and latest.at_s < seen_s + interval_s:
        return latest
    usual = f"a job takes about {usual_s:.0f} s" if experience.lengths else "none has ended yet"
    soon = NextLook(seen_s + interval_s, f"{usual}, and a look is made every {interval_s:.0f} s")
    if oldest is None:
        return min(soon, latest)
    least_s = state.setup.allowed.look_least_s
    expected = None if others else _as_long_as_all(experience, oldest, seen_s, least_s)
    return min(expected or max(soon, _as_long_as_the_shortest(experience, oldest, seen_s, interval_s)), latest)


def _oldest(experience: Experience, ours: set[JobId]) -> Watched | None:
    """Our oldest job at work, if the start of every one was seen."""
    watched = [experience.watched[job] for job in ours if job in experience.watched]
    is_known = len(watched) == len(ours) and all(one.whole for one in watched)
    return min(watched, key=lambda one: (one.started_s, one.seen_s), default=None) if is_known else None


def _as_long_as_all(experience: Experience, oldest: Watched, seen_s: float, least_s: float) -> NextLook | None:
    """When the oldest job is as old as all were that ended, if one length would do for them all; else None.

    The looks so far leave that length between two bounds. The first look comes midway, which halves their distance for
    the jobs that follow; the second at the later one.
    """
    after_s = max(length.after_s for length in experience.lengths)
    by_s = min(length.by_s for length in experience.lengths)
    age_s, middle_s = oldest.seen_s - oldest.started_s, (after_s + by_s) / 2
    if after_s > by_s or age_s >= by_s:
        return None
    due_s = middle_s if age_s < middle_s - least_s else by_s
    at_s = max(oldest.started_s + due_s, seen_s + least_s)
    return NextLook(at_s, f"all jobs took about {middle_s:.0f} s, as old as the oldest is then")


def _as_long_as_the_shortest(experience: Experience, oldest: Watched, seen_s: float, interval_s: float) -> NextLook:
    """When the oldest job is nearly as old as the shortest was that ended."""
    shortest_s = min(length.seconds for length in experience.lengths)
    at_s = min(oldest.started_s + shortest_s - interval_s, seen_s + BLIND_MOST_S)
    return NextLook(at_s, f"no job took less than {shortest_s:.0f} s")


def _interval_s(state: State, slots: int, usual_s: float, now: float) -> float:
    """The time between two looks: a share of a job's usual length, or more, where the windows have none to spare."""
    experience, allowed = state.volatile.experience, state.setup.allowed
    wanted_s = min(INTERVAL_MOST_S, max(allowed.look_least_s, INTERVAL_SHARE * usual_s))
    if allowed.takes_all:
        return max(wanted_s, min(allowed.look_most_s, INTERVAL_SHARE * _waited_s(state, now)))
    if allowed.windows is None:
        return wanted_s
    jobs_a_second = experience.jobs_a_second(slots, now, usual_s)
    left_s, sent_s = state.jobs_left() / jobs_a_second, state.volatile.sent_s
    return max([wanted_s, *[_spare_s(window, jobs_a_second, left_s, sent_s, now) for window in allowed.windows]])


def _waited_s(state: State, now: float) -> float:
    """For how long no job of ours has begun or ended, as this process knows."""
    experience = state.volatile.experience
    begun = (watched.started_s for watched in experience.watched.values())
    return now - max([state.volatile.started_s, *begun, *(length.seen_s for length in experience.lengths)])


def _spare_s(window: Window, jobs_a_second: float, left_s: float, sent_s: Sequence[float], now: float) -> float:
    """The time between two looks that a window allows, once every job has its own requests, until it or the run ends.

    Where the run ends first, in `left_s`, the rest of the window lies behind us, with what was sent in it.
    """
    span_s = min(window.span_s, left_s)
    sent = len(sent_s) - bisect_right(sent_s, now - (window.span_s - span_s)) if span_s < window.span_s else 0
    spare = window.planned - sent - REQUESTS_A_JOB * jobs_a_second * span_s
    return span_s / spare if spare > 1 else span_s
