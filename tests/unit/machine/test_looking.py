"""When the engine looks again: never less often than patience says, nor beyond the windows, nor for nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest
from tests.unit.states import state_of

from coralrun.coralnet import protocol
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS, LIMITS
from coralrun.machine import policy
from coralrun.machine.apply import apply
from coralrun.machine.facts import Batched, Ended, Intended, Submitted
from coralrun.machine.lengths import Length
from coralrun.machine.look import BLIND_MOST_S, INTERVAL_MOST_S, next_look
from coralrun.machine.notes import JobSeen, Pace, SawListing
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile, observe
from coralrun.planning.images import Size

PATIENCE_S = LIMITS.look_most_s
SIZE = Size(9, 9)


def state_with(jobs: int, *, images: int = 1000, slots: int = 5, now: float = 0.0) -> State:
    """A run whose first jobs of 100 images were all submitted and listed at a moment."""
    setup = Setup(
        entries=(1,) * images,
        sizes=(SIZE,) * images,
        batch_size=100,
        concurrency=slots,
        attempts=3,
        allowed=LIMITS,
    )
    state = State(setup, state_of(images), Volatile(started_s=0.0))
    for number in range(1, jobs + 1):
        taken = tuple(range(100 * (number - 1), 100 * number))
        apply(state.durable, Batched.of(number, taken))
        apply(state.durable, Intended.of("", number, 1, 100, "0", (), (SIZE,) * 100))
        apply(state.durable, Submitted("", number, 1, str(number)))
        state.volatile.experience.start(str(number), 100, now, whole=True)
        state.volatile.active_jobs.add(str(number))
    state.volatile.listed_s = now
    state.volatile.max_active = slots
    return state


def test_looks_at_jobs_that_keep_no_other_waiting_come_ever_less_often() -> None:
    state = state_with(5)
    state.setup = replace(state.setup, allowed=IN_SOURCE_LIMITS)
    apart_s = []
    for now in (0.0, 600.0, 24 * 3600.0):
        seen(state, now)
        apart_s.append(interval_s(state, now))
    assert apart_s == [10.0, 30.0, IN_SOURCE_LIMITS.look_most_s]


def learn_lengths(state: State, lengths_s: list[float]) -> None:
    """Jobs that were seen to end after so many seconds, each between two looks a second apart."""
    for number, length_s in enumerate(lengths_s, start=1000):
        job = str(number)
        state.volatile.experience.start(job, 100, -length_s, whole=True)
        state.volatile.experience.see(job, -0.5)
        state.volatile.experience.end(job, 0.5)
        state.volatile.experience.forget(job)


def seen(state: State, now: float) -> None:
    """All jobs were seen at work at a moment."""
    state.volatile.listed_s = now
    for job in state.volatile.experience.watched:
        state.volatile.experience.see(job, now)


def interval_s(state: State, now: float = 0.0) -> float:
    assert state.volatile.listed_s is not None
    return next_look(state, now).at_s - state.volatile.listed_s


@pytest.mark.parametrize(("length_s", "apart_s"), [(2.0, 1.0), (100.0, 5.0), (3600.0, 10.0)])
def test_a_look_comes_every_twentieth_of_a_jobs_length_from_1_to_10_s(length_s: float, apart_s: float) -> None:
    state = state_with(5)
    learn_lengths(state, [length_s] * 2)
    assert interval_s(state) == apart_s


def test_before_a_job_has_ended_its_length_is_guessed() -> None:
    assert interval_s(state_with(5)) == INTERVAL_MOST_S


def test_the_next_look_comes_within_the_longest_time_whatever_is_known() -> None:
    assert interval_s(state_with(0)) == PATIENCE_S
    patient = state_with(5)
    impatient = State(
        replace(patient.setup, allowed=replace(LIMITS, look_most_s=3.0)), patient.durable, patient.volatile
    )
    assert interval_s(impatient) == 3.0
    assert next_look(impatient, 0.0).why == "the longest time between two looks ends then"


def test_a_long_survey_of_short_jobs_leaves_the_hour_a_quarter_of_its_requests() -> None:
    state = state_with(5, images=175_000)
    learn_lengths(state, [90.0] * 9)
    state.volatile.experience.watched.clear()  # so that no end is foreseen
    looks_an_hour, jobs_an_hour = 3600 / interval_s(state), 5 * 3600 / 90.0
    assert looks_an_hour + 2 * jobs_an_hour == pytest.approx(0.747 * protocol.REQUESTS_PER_HOUR)


def test_a_minute_full_of_jobs_leaves_looks_what_is_over() -> None:
    state = state_with(5, images=175_000)
    learn_lengths(state, [20.0] * 2)
    looks_a_minute = 60 / interval_s(state)
    assert looks_a_minute + 2 * 5 * 60 / 20.0 <= 0.9 * protocol.REQUESTS_PER_MINUTE


def test_requests_already_sent_count_where_the_run_ends_before_the_hour() -> None:
    rested, busy = (state_with(5, images=6_000) for _ in range(2))
    for state in (rested, busy):
        learn_lengths(state, [90.0] * 2)
    busy.volatile.sent_s = deque(float(second) for second in range(-620, 0))
    assert interval_s(busy) > interval_s(rested)


def test_the_rate_of_jobs_is_that_of_those_that_ended_of_late() -> None:
    """Whoever shares the account takes slots now and then: those now at work say little of the hour."""
    state = state_with(5, images=175_000)
    experience = state.volatile.experience
    experience.learn(*(Length(100, 88.0, 92.0, 30.0 * (job - 20)) for job in range(20)))
    experience.watched.clear()
    looks_an_hour, jobs_an_hour = 3600 / interval_s(state), 3600 / 30.0
    assert looks_an_hour + 2 * jobs_an_hour == pytest.approx(0.747 * protocol.REQUESTS_PER_HOUR)


def test_with_used_up_windows_the_run_waits_as_long_as_patience_says() -> None:
    state = state_with(5)
    state.volatile.sent_s = deque(second / 2 for second in range(-1000, 0))
    assert interval_s(state) == PATIENCE_S


def test_no_look_is_made_while_no_job_can_have_ended_but_not_for_long() -> None:
    state = state_with(5)
    learn_lengths(state, [60.0, 80.0, 100.0])
    assert interval_s(state) == BLIND_MOST_S
    seen(state, 40.0)
    assert next_look(state, 40.0).at_s == pytest.approx(60.0 - 4.0)
    assert "no job took less than 60 s" in next_look(state, 40.0).why
    seen(state, 58.0)
    assert next_look(state, 58.0).at_s == pytest.approx(62.0)


def test_a_job_whose_start_was_not_seen_may_end_at_any_time() -> None:
    state = state_with(5)
    learn_lengths(state, [60.0, 80.0, 100.0])
    state.volatile.experience.start("3", 100, 0.0, whole=False)
    assert interval_s(state) == pytest.approx(4.0)
    state.volatile.experience.forget("3")
    assert interval_s(state) == pytest.approx(4.0)


def between(state: State, *looks: tuple[float, float]) -> None:
    """Jobs that ended between two ages."""
    for number, (after_s, by_s) in enumerate(looks, start=2000):
        job = str(number)
        state.volatile.experience.start(job, 100, -by_s, whole=True)
        state.volatile.experience.see(job, after_s - by_s)
        state.volatile.experience.end(job, 0.0)


def test_jobs_of_one_length_are_looked_at_midway_and_at_the_end() -> None:
    state = state_with(5)
    between(state, (30.0, 61.0), (57.0, 70.0), (40.0, 65.0))
    first_s = next_look(state, 0.0).at_s
    assert first_s == 59.0
    seen(state, first_s)
    assert next_look(state, first_s).at_s == 61.0
    seen(state, 61.0)
    assert next_look(state, 61.0).at_s == pytest.approx(61.0 + 0.05 * 52.5), "it took longer than all others"


def test_jobs_of_others_end_when_they_like() -> None:
    state = state_with(4)
    between(state, (30.0, 61.0), (57.0, 70.0), (40.0, 65.0))
    state.volatile.active_jobs.add("901")
    assert interval_s(state) == BLIND_MOST_S


def test_jobs_of_other_clients_are_watched_for_while_an_image_waits() -> None:
    state = state_with(0)
    state.volatile.active_jobs |= {"901", "902", "903", "904", "905"}
    assert interval_s(state) == INTERVAL_MOST_S
    idle = state_with(0, images=1)
    apply(idle.durable, Ended("2026-01-01T00:00:00Z", {0: Reason.NOT_AN_IMAGE}))
    idle.volatile.active_jobs |= {"901"}
    assert interval_s(idle) == PATIENCE_S


def test_a_job_that_is_done_and_still_listed_is_not_asked_over_and_over() -> None:
    state = state_with(1)
    observe(state.volatile, JobSeen("1", Pace(60.0, 60.0, done_since_s=60.0)), 60.0)
    assert "1" not in state.volatile.active_jobs, "its slot is free"
    observe(state.volatile, SawListing(61.0, ("1",), (), 5, full=False, marker="", newer=None), 61.0)
    assert "1" in state.volatile.active_jobs, "unless a listing denies it"
    assert next_look(state, 61.0).at_s >= 62.0


def test_the_reason_for_a_look_is_what_is_known() -> None:
    state = state_with(5)
    assert next_look(state, 0.0).why == "none has ended yet, and a look is made every 10 s"
    learn_lengths(state, [60.0] * 2)
    assert next_look(state, 0.0).why == "a job takes about 60 s, and a look is made every 3 s"


def test_jobs_that_stand_still_do_not_put_off_being_asked_about() -> None:
    state = state_with(2)
    learn_lengths(state, [600.0])
    for job, watched in state.volatile.experience.watched.items():
        state.volatile.experience.watched[job] = replace(watched, seen_s=watched.started_s + 30 * 24 * 3600.0)
    assert policy.overdue_after_s(state.volatile.experience) == 4 * 600.0
