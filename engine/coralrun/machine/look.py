"""When to look at the jobs again, and at which.

A look costs a request of the hour's 1,000; a slot that is free and not seen to be costs time. So a look is due when
the slots that have probably become free since the last one cost as much as looks do on the whole: with `ready` of them
expected by now, `coming` more a second from now on, and looks `apart_s` apart on average where `usual` come a second,

    ready ** 2 >= apart_s ** 2 * usual * coming

This is the stopping rule of a renewal process: it waits while more ends are near and looks at once when none is. Where
no image waits for a slot, only the end of the last job counts. One listing tells of all jobs; a status call is made
where it foretells a job's end.

Rule: pure; nothing here is needed for safety.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from typing import NamedTuple

from coralrun.machine import policy
from coralrun.machine.durable import Batch
from coralrun.machine.experience import Watched
from coralrun.machine.lengths import Spread, forecast_spread
from coralrun.machine.state import State

STEPS = 16
"""The grid of moments that are tried: so many to the usual time between two looks."""

FIRST_STEP = 2
"""The first of them: two looks are never closer than an eighth of what is usual."""

EARLY_SHARE = 0.05
"""A job gets its status call at the age by which so many have ended: while a slot can still be foreseen."""

Curve = Callable[[int], float]
"""How many slots are ready by a step of the grid."""


@dataclass(frozen=True, slots=True)
class NextStatus:
    """When to ask about one job, and why then, in words that follow "waiting for"."""

    at_s: float
    why: str
    job: int


class Hope(NamedTuple):
    """What is expected of one job; without a `spread` its start was not seen, and it may end at any time."""

    spread: Spread | None
    started_s: float
    seen_s: float
    usual_s: float

    def ended_by(self, at_s: float) -> float:
        """The probability that the job has ended by a moment."""
        if self.spread is None:
            waited_s = max(0.0, at_s - self.seen_s)
            return waited_s / (waited_s + self.usual_s)
        return self.spread.by_if_beyond(at_s - self.started_s, self.seen_s - self.started_s)


def next_listing_s(state: State, now: float) -> float:
    """When the account's jobs should be listed again: when it is worth a request, and after patience at the latest."""
    volatile, patience_s = state.volatile, state.setup.patience_s
    experience = volatile.experience
    seen_s = _seen_s(state, now)
    latest_s = max(seen_s, experience.heard_s) + patience_s
    usual = experience.spread()
    hopes = _hopes(state, usual, seen_s)
    if not hopes:
        return latest_s
    usual_s = usual.middle_s
    is_shared = not volatile.active_jobs <= {batch.job for batch in state.durable.active.values()}
    demand = policy.Demand(state.jobs_left(), usual_s, len(hopes), experience.is_known_to_tell(), is_shared)
    apart_s = min(patience_s, policy.apart_s(demand, now, volatile.sent_s))
    waits = state.work_waits() and state.free_slots() < 1
    return _due_s(tuple(hopes.values()), waits, seen_s, latest_s, apart_s, usual_s)


@lru_cache(maxsize=256)
def _due_s(
    hopes: tuple[Hope, ...], any_counts: bool, seen_s: float, latest_s: float, apart_s: float, usual_s: float
) -> float:
    """The first moment at which the module's rule holds.

    Where that comes right after patience is over, a look then would come too early and put off the right one: it comes
    half-way instead, and the next one in time.
    """
    patience_s, step_s = latest_s - seen_s, apart_s / STEPS
    costs = apart_s * len(hopes) / usual_s
    ready: Curve = cache(lambda step: _ready(hopes, any_counts, seen_s + step_s * step))
    end = int(patience_s / step_s) + FIRST_STEP + 1
    for first in range(FIRST_STEP, end, STEPS):
        step = first_due(ready, costs, first, min(first + STEPS, end))
        if step is not None:
            due_s = step_s * step
            return seen_s + (due_s if due_s <= patience_s else due_s / 2)
    return latest_s


def first_due(ready: Curve, costs: float, first: int, end: int) -> int | None:
    """The first step from `first` on and before `end` at which the module's rule holds, if there is one.

    `costs` is what remains of the rule, `apart_s * usual`, where the slots that come are those of `apart_s` and not of
    a second. The later it is, the more are ready. So none of these steps is due where even as many as are ready at
    their end would be too few for those that come from their first on; elsewhere each half is tried by itself.
    """
    if end - first == 1:
        now = ready(first)
        return first if now > 0 and now**2 >= costs * (ready(first + STEPS) - now) else None
    most = ready(end)
    if most <= 0 or most**2 + costs * most < costs * ready(first + STEPS):
        return None
    middle = (first + end) // 2
    step = first_due(ready, costs, first, middle)
    return step if step is not None else first_due(ready, costs, middle, end)


def _ready(hopes: Iterable[Hope], any_counts: bool, at_s: float) -> float:
    """How many slots count as free by a moment: each by itself, or all at once when all jobs have ended.

    That is taken to lie midway between two servers: of one, no job's end tells of another's; of the other, all end
    together. By the first alone, jobs that outlast all that is known would hardly ever be looked at.
    """
    chances = [hope.ended_by(at_s) for hope in hopes]
    if any_counts:
        return sum(chances)
    return len(chances) * (prod(chances) + min(chances)) / 2


def _hopes(state: State, usual: Spread, seen_s: float) -> dict[int, Hope]:
    """What is expected of each job that holds a slot, by its number; of others' jobs only while an image waits."""
    volatile, experience = state.volatile, state.volatile.experience
    growth, usual_s = experience.growth(), usual.middle_s
    others_count = state.work_waits()
    ours = {batch.job for batch in state.durable.active.values()}
    hopes: dict[int, Hope] = {}
    for job in sorted(volatile.active_jobs):
        watched = experience.watched.get(job)
        if watched is not None and watched.whole:
            spread = usual if growth is None else experience.spread(watched.entries)
            if watched.forecast is not None and watched.forecast.done and experience.is_telling():
                spread = forecast_spread(watched.started_s, watched.forecast, experience.known_misses())
            hopes[job] = Hope(spread, watched.started_s, watched.seen_s, usual_s)
        elif job in ours or others_count:
            hopes[job] = Hope(None, seen_s, seen_s, usual_s)
    return hopes


def why_listing(state: State, now: float, at_s: float) -> str:
    """Why the next listing is due at `at_s`, in words that follow "waiting for".

    By the counts of the job that is most likely to have ended by then, or by how long jobs take.
    """
    experience = state.volatile.experience
    hopes = _hopes(state, experience.spread(), _seen_s(state, now))
    if not hopes:
        return "the next look at the account's jobs"
    job, hope = max(hopes.items(), key=lambda each: each[1].ended_by(at_s))
    watched = experience.watched.get(job)
    told = watched.forecast if watched is not None else None
    if watched is not None and told is not None and told.done and experience.is_telling():
        rate = told.done / max(told.asked_s - watched.started_s, 1.0)
        return f"the next look at job {job}: {told.done} of {watched.entries} done at {rate:.1f} a second"
    if not experience.lengths:
        return "the next look at the jobs: none has ended yet, so their usual time is not known"
    over = sum(each.ended_by(at_s) for each in hopes.values())
    usually = f"a job takes about {hope.usual_s:.0f} s"
    return f"the next look at the jobs: {usually}, so {over:.1f} of {len(hopes)} should be over"


def _seen_s(state: State, now: float) -> float:
    """When the jobs were seen last; a first listing is as good as one of now."""
    return state.volatile.listed_s if state.volatile.listed_s is not None else now


def next_status(state: State) -> NextStatus | None:
    """The next status call that is worth a request: of a job whose end it will probably foretell."""
    experience = state.volatile.experience
    if not experience.is_telling() and not experience.is_worth_a_try():
        return None
    unasked = [(watched, batch) for batch in state.durable.active.values() if (watched := _unasked(state, batch))]
    looks = [
        NextStatus(
            watched.started_s + experience.spread(watched.entries).age_s(EARLY_SHARE),
            f"the next look at job {batch.job}: to foretell its end",
            batch.job,
        )
        for watched, batch in unasked
    ]
    return min(looks, key=lambda each: each.at_s, default=None)


def _unasked(state: State, batch: Batch) -> Watched | None:
    watched = state.volatile.experience.watched.get(batch.job)
    if watched is None or watched.over or not watched.whole:
        return None
    return None if batch.job in state.volatile.paces else watched  # asked once, whatever it said
