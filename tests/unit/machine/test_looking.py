"""How often the engine looks: by the length of jobs, never less often than patience says."""

from __future__ import annotations

import heapq
import random

import pytest

from coralrun.machine import effects, notes, outcomes, policy, volatile
from coralrun.machine.decide import decide
from coralrun.machine.durable import Durable, apply
from coralrun.machine.learn import learn
from coralrun.machine.state import Instant, Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.plan.model import Size

REQUEST_S = 0.3
SLOTS = 5


def test_patience_alone_counts_until_a_job_has_finished() -> None:
    assert policy.next_listing_s(100.0, 75.0, []) == 175.0


def test_looks_follow_the_usual_length_of_a_job_within_patience() -> None:
    assert policy.next_listing_s(0.0, 75.0, [120.0, 240.0, 360.0]) == 24.0
    assert policy.next_listing_s(0.0, 75.0, [3600.0]) == 75.0
    assert policy.next_listing_s(0.0, 75.0, [1.0]) == policy.LOOK_LEAST_S
    assert policy.next_listing_s(0.0, 1.0, [240.0]) == 1.0


def run_of(job_lengths_s: list[float], patience_s: float = 75.0) -> tuple[float, float]:
    """A whole run on a virtual clock, each request 0.3 s: its length over the bound, and its requests a job.

    The bound is the same jobs in the same order with each slot refilled at once.
    """
    images = 100 * len(job_lengths_s)
    setup = Setup(
        entries=(1,) * images,
        sizes=(Size(9, 9),) * images,
        batch_size=100,
        concurrency=SLOTS,
        attempts=3,
        patience_s=patience_s,
    )
    state = State(setup, Durable(total=images), Volatile(started_s=0.0))
    service = _Service(job_lengths_s)
    now, requests, order = 0.0, 0, 0
    in_flight: list[tuple[float, int, effects.Effect]] = []
    while not state.durable.finished_at:
        decision = decide(state, now)
        for effect in decision.effects:
            volatile.observe(state.volatile, notes.Started(effect), now)
            if isinstance(effect, effects.Bookkeeping):
                _take(state, effect, outcomes.Done(), now)
            else:
                requests, order = requests + 1, order + 1
                heapq.heappush(in_flight, (now + REQUEST_S, order, effect))
        if any(isinstance(effect, effects.Bookkeeping) for effect in decision.effects):
            continue
        soonest_s = min((wait.until_s for wait in decision.waits), default=float("inf"))
        if in_flight and in_flight[0][0] <= soonest_s:
            now, _, effect = heapq.heappop(in_flight)
            _take(state, effect, service.answer(effect, now - REQUEST_S / 2), now)
        else:
            now = soonest_s
    free_s = [0.0] * SLOTS
    for length_s in job_lengths_s:
        heapq.heapreplace(free_s, free_s[0] + length_s)
    return now / max(free_s), requests / len(job_lengths_s)


class _Service:
    def __init__(self, job_lengths_s: list[float]) -> None:
        self.lengths_s = list(reversed(job_lengths_s))
        self.ends_s: dict[int, float] = {}
        self.finished: list[int] = []
        self.last_job = 0

    def answer(self, effect: effects.Effect, now: float) -> outcomes.Outcome:
        for job in sorted(
            (job for job, end_s in self.ends_s.items() if end_s <= now), key=lambda job: self.ends_s[job]
        ):
            self.finished.insert(0, job)
            del self.ends_s[job]
        match effect:
            case effects.List():
                return outcomes.Listed(tuple(sorted(self.ends_s)), tuple(self.finished[: 2 * SLOTS]), SLOTS)
            case effects.Submit():
                assert len(self.ends_s) < SLOTS, "a job too many"
                self.last_job += 1
                self.ends_s[self.last_job] = now + self.lengths_s.pop()
                return outcomes.Accepted(self.last_job)
            case effects.Collect():
                return outcomes.Collected("0" * 64, len(effect.images))
            case _:
                return outcomes.Progress(0, 0, 100)


def _take(state: State, effect: effects.Effect, outcome: outcomes.Outcome, now: float) -> None:
    lesson = learn(state, effect, outcome, Instant(now, "2026-01-01T00:00:00Z"))
    for fact in lesson.facts:
        apply(state.durable, fact)
    for note in lesson.notes:
        volatile.observe(state.volatile, note, now)


@pytest.mark.parametrize(
    ("shortest_s", "longest_s", "most_ratio", "most_requests"),
    [(60, 120, 1.12, 4.2), (120, 360, 1.08, 4.2), (240, 1200, 1.07, 4.8)],
)
def test_the_slots_are_kept_full_at_some_four_requests_a_job(
    shortest_s: float, longest_s: float, most_ratio: float, most_requests: float
) -> None:
    chance = random.Random(7)
    runs = [run_of([chance.uniform(shortest_s, longest_s) for _ in range(60)]) for _ in range(5)]

    assert sum(ratio for ratio, _ in runs) / len(runs) <= most_ratio
    assert sum(requests for _, requests in runs) / len(runs) <= most_requests
