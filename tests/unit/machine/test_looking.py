"""When the engine looks again, and at which job: never less often than patience says, and never for nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from coralrun import limits
from coralrun.machine import look, policy
from coralrun.machine.durable import Batch, Durable, apply
from coralrun.machine.facts import Batched, Intended, Submitted
from coralrun.machine.notes import JobSeen, Pace, SawListing
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile, observe
from coralrun.plan.model import Size

PATIENCE_S = 75.0
SIZE = Size(9, 9)


def demand(**given: float) -> policy.Demand:
    values = {"jobs_left": 60, "usual_s": 240.0, "slots": 5, "is_telling": False} | given
    return policy.Demand(**values)  # type: ignore[arg-type]


def state_with(jobs: int, *, images: int = 1000, slots: int = 5, now: float = 0.0) -> State:
    """A run whose first jobs of 100 images were all submitted and listed at a moment."""
    setup = Setup(
        entries=(1,) * images,
        sizes=(SIZE,) * images,
        batch_size=100,
        concurrency=slots,
        attempts=3,
        patience_s=PATIENCE_S,
    )
    state = State(setup, Durable(total=images), Volatile(started_s=0.0))
    for number in range(1, jobs + 1):
        taken = tuple(range(100 * (number - 1), 100 * number))
        apply(state.durable, Batched(number, taken))
        apply(state.durable, Intended("", number, 1, 100, 0, (), (SIZE,) * 100))
        apply(state.durable, Submitted("", number, 1, number))
        state.volatile.experience.start(number, 100, now, whole=True)
        state.volatile.active_jobs.add(number)
    state.volatile.listed_s = now
    state.volatile.max_active = slots
    return state


def learn_lengths(state: State, lengths_s: list[float]) -> None:
    """Jobs that were seen to end after so many seconds, each between two looks a second apart."""
    for job, length_s in enumerate(lengths_s, start=1000):
        state.volatile.experience.start(job, 100, -length_s, whole=True)
        state.volatile.experience.see(job, -0.5)
        state.volatile.experience.end(job, 0.5)
        state.volatile.experience.forget(job)


def test_two_looks_are_the_farther_apart_the_longer_jobs_take_up_to_half_a_minute() -> None:
    apart = [policy.apart_s(demand(usual_s=usual_s), 0.0, []) for usual_s in (60.0, 120.0, 240.0, 3600.0)]
    assert apart == sorted(apart)
    assert apart[2] == policy.APART_USUAL_S
    assert apart[-1] == policy.APART_MOST_S


def test_jobs_of_seconds_are_not_looked_at_without_end() -> None:
    assert policy.apart_s(demand(usual_s=2.0, jobs_left=5), 0.0, []) == policy.APART_LEAST_S


def test_whoever_shares_the_account_finds_requests_left_in_the_hour() -> None:
    apart_s = policy.apart_s(demand(usual_s=90.0, jobs_left=1750, is_shared=True), 0.0, [])
    assert 3600.0 / apart_s + 2 * 200 <= policy.SHARED_SHARE * limits.REQUESTS_PER_HOUR + 1


def test_looks_are_fewer_while_a_job_of_somebody_else_is_seen_in_the_account() -> None:
    alone, shared = (state_with(5, images=175_000, slots=6) for _ in range(2))
    for state in (alone, shared):
        learn_lengths(state, [90.0] * 20)
        state.volatile.experience.misses.extend([None] * 3)
        state.volatile.active_jobs.add(999)
    alone.durable.active[999] = Batch(number=999, images=(9_999,), job=999)
    assert look.next_listing_s(shared, 0.0) > look.next_listing_s(alone, 0.0)


def test_looks_that_hit_may_be_fewer() -> None:
    assert policy.apart_s(demand(is_telling=True), 0.0, []) > policy.apart_s(demand(), 0.0, [])


def test_a_long_survey_of_short_jobs_leaves_the_hour_its_requests() -> None:
    apart_s = policy.apart_s(demand(usual_s=90.0, jobs_left=1750), 0.0, [])
    looks_an_hour, jobs_an_hour = 3600.0 / apart_s, 5 * 3600.0 / 90.0
    assert looks_an_hour + 2 * jobs_an_hour <= policy.WINDOW_SHARE * limits.REQUESTS_PER_HOUR + 1
    assert apart_s > policy.apart_s(demand(usual_s=90.0), 0.0, [])


def test_requests_already_sent_count_against_the_hour() -> None:
    sent_s = deque(float(second) for second in range(-700, 0))
    assert policy.apart_s(demand(usual_s=90.0), 0.0, sent_s) > policy.apart_s(demand(usual_s=90.0), 0.0, [])


def test_where_the_windows_are_used_up_the_survey_waits_as_long_as_it_lasts() -> None:
    sent_s = deque(second / 2 for second in range(-1000, 0))
    assert policy.apart_s(demand(), 0.0, sent_s) == 60 * 240.0 / 5


def test_a_survey_without_jobs_left_needs_no_requests() -> None:
    assert policy.apart_s(demand(jobs_left=0), 0.0, []) == policy.APART_USUAL_S


def test_the_next_look_comes_within_patience_whatever_is_known() -> None:
    assert look.next_listing_s(state_with(0), 0.0) == PATIENCE_S
    assert 0 < look.next_listing_s(state_with(5), 0.0) <= PATIENCE_S
    late = state_with(5)
    learn_lengths(late, [3600.0] * 5)
    assert look.next_listing_s(late, 0.0) == PATIENCE_S


def test_jobs_that_always_take_as_long_are_looked_at_when_they_end() -> None:
    state = state_with(5)
    learn_lengths(state, [60.0] * 20)
    state.volatile.experience.misses.extend([0.0] * 3)
    assert look.next_listing_s(state, 0.0) == pytest.approx(60.0, abs=2.0)


def test_a_look_that_patience_would_force_right_before_the_end_is_made_half_way_and_the_next_one_in_time() -> None:
    state = state_with(5)
    learn_lengths(state, [301.0] * 20)
    state.volatile.listed_s = 225.0
    for job in range(1, 6):
        state.volatile.experience.see(job, 225.0)
    half_way_s = look.next_listing_s(state, 225.0)
    assert half_way_s == pytest.approx(263.0, abs=1.5), "not at 300 s, when patience is over"
    state.volatile.listed_s = half_way_s
    assert look.next_listing_s(state, half_way_s) == pytest.approx(301.5, abs=2.0)


def test_no_look_is_closer_than_an_eighth_of_the_usual_time_between_two() -> None:
    state = state_with(5)
    learn_lengths(state, [300.0] * 20)
    state.volatile.listed_s = 299.9
    for job in range(1, 6):
        state.volatile.experience.see(job, 299.9)
    apart_s = policy.apart_s(demand(usual_s=300.0), 0.0, [])
    assert look.next_listing_s(state, 299.9) >= 299.9 + apart_s / 8


def test_where_no_image_waits_only_the_last_job_counts() -> None:
    lengths_s = [40.0, 50.0, 60.0, 70.0] * 5
    busy, emptied = state_with(5), state_with(5, images=500)
    for state in (busy, emptied):
        learn_lengths(state, lengths_s)
        for job in range(1, 5):
            state.volatile.experience.start(job, 100, -40.0, whole=True)
            state.volatile.experience.see(job, 0.0)
    assert look.next_listing_s(busy, 0.0) < 30.0, "four of the five jobs are about to end"
    assert look.next_listing_s(emptied, 0.0) > 30.0


def test_the_last_jobs_are_soon_looked_at_again_when_they_outlast_all_that_is_known() -> None:
    """Just before they end, as it happens: all together, at the server's next beat."""
    state = state_with(5, images=500)
    learn_lengths(state, [240.0] * 20)
    for job in range(1, 6):
        state.volatile.experience.see(job, 241.0)
    state.volatile.listed_s = 241.0
    usual_s = policy.apart_s(demand(is_telling=True), 0.0, [])
    assert look.next_listing_s(state, 241.0) <= 241.0 + 1.01 * usual_s


def test_jobs_of_other_clients_are_watched_for_while_an_image_waits() -> None:
    state = state_with(0)
    state.volatile.active_jobs |= {901, 902, 903, 904, 905}
    assert look.next_listing_s(state, 0.0) < PATIENCE_S
    idle = state_with(0, images=0)
    idle.volatile.active_jobs |= {901}
    assert look.next_listing_s(idle, 0.0) == PATIENCE_S


def test_a_job_whose_start_was_not_seen_may_end_at_any_time() -> None:
    state = state_with(5)
    state.volatile.experience.watched.clear()
    assert look.next_listing_s(state, 0.0) < PATIENCE_S


def test_a_job_gets_one_status_call_to_foretell_its_end() -> None:
    state = state_with(1)
    status = look.next_status(state)
    assert status is not None
    assert (status.job, status.at_s) == (1, 60.0)
    observe(state.volatile, JobSeen(1, Pace(60.0, 60.0, ok=25)), 60.0)
    assert state.volatile.experience.watched[1].forecast is not None
    assert look.next_status(state) is None


def test_a_job_that_says_it_is_done_and_is_listed_all_the_same_is_not_asked_over_and_over() -> None:
    state = state_with(1)
    observe(state.volatile, JobSeen(1, Pace(60.0, 60.0, done_since_s=60.0)), 60.0)
    assert 1 not in state.volatile.active_jobs, "its slot is free"
    observe(state.volatile, SawListing(61.0, (1,), (), 5, full=False), 61.0)
    assert 1 in state.volatile.active_jobs, "unless a listing denies it"
    assert look.next_status(state) is None


def test_what_a_status_call_told_decides_when_to_look_and_says_so() -> None:
    state = state_with(1)
    state.volatile.experience.misses.extend([0.0] * 5)
    state.volatile.experience.hear(1, 50, 50.0)
    at_s = look.next_listing_s(state, 50.0)
    assert at_s == pytest.approx(100.0, abs=4.0)
    assert look.why_listing(state, 50.0, at_s) == "the next look at job 1: 50 of 100 done at 1.0 a second"


def test_status_calls_end_where_they_tell_nothing_and_are_tried_again_later() -> None:
    state = state_with(1)
    experience = state.volatile.experience
    experience.misses.extend([None] * 3)
    assert look.next_status(state) is None
    experience.ended = experience.ended_then + 20
    assert look.next_status(state) is not None


def test_the_reason_for_a_look_is_what_is_known() -> None:
    state = state_with(5)
    assert look.why_listing(state, 0.0, 10.0).endswith("none has ended yet, so their usual time is not known")
    learn_lengths(state, [60.0] * 20)
    assert "a job takes about 60 s, so " in look.why_listing(state, 0.0, 60.0)


def test_jobs_that_stand_still_do_not_put_off_the_moment_at_which_they_are_asked_about() -> None:
    state = state_with(2)
    learn_lengths(state, [600.0])
    for job, watched in state.volatile.experience.watched.items():
        state.volatile.experience.watched[job] = replace(watched, seen_s=watched.started_s + 30 * 24 * 3600.0)
    assert policy.overdue_after_s(state.volatile.experience) == 4 * 600.0
