"""What a process learns of how long jobs take, from looks that see them at work or not."""

from __future__ import annotations

import pytest

from coralrun.machine.experience import KEPT, Experience
from coralrun.machine.lengths import Length

from .by_hand import length

GUESS_S = 240.0


def test_a_job_ends_between_the_look_that_saw_it_and_the_one_that_did_not() -> None:
    experience = Experience()
    experience.start("7", 100, 10.0, whole=True)
    experience.see("7", 100.0)
    experience.end("7", 130.0)
    assert list(experience.lengths) == [Length(100, 90.0, 120.0, 130.0)]
    experience.end("7", 500.0)
    assert len(experience.lengths) == 1
    assert not experience.watched


def test_nothing_is_learnt_of_a_job_whose_start_was_not_seen() -> None:
    experience = Experience()
    experience.start("7", 100, 10.0, whole=False)
    experience.end("7", 130.0)
    assert not experience.lengths


def test_nothing_is_learnt_of_a_job_that_is_given_up() -> None:
    experience = Experience()
    experience.start("7", 100, 10.0, whole=True)
    experience.forget("7")
    experience.end("7", 130.0)
    assert not experience.lengths


def test_what_is_heard_of_jobs_that_are_not_watched_changes_nothing() -> None:
    experience = Experience()
    experience.see("7", 1.0)
    experience.end("7", 1.0)
    experience.forget("7")
    assert experience == Experience()


def test_the_usual_length_is_that_of_the_middle_one_of_the_last_jobs() -> None:
    experience = Experience()
    assert experience.usual_s(GUESS_S) == GUESS_S
    experience.learn(*(length(seconds) for seconds in (50.0, 3600.0, 90.0)))
    assert experience.usual_s(GUESS_S) == 90.0
    experience.learn(*[length(20.0)] * KEPT)
    assert experience.usual_s(GUESS_S) == 20.0


def test_jobs_a_second_are_those_that_ended_of_late_and_a_guess_while_few_have() -> None:
    experience = Experience()
    assert experience.jobs_a_second(5, 0.0, GUESS_S) == pytest.approx(5 / GUESS_S)
    experience.learn(*(Length(100, 90.0, 90.0, 36.0 * job) for job in range(10)))
    assert experience.jobs_a_second(5, 360.0, GUESS_S) == pytest.approx(1 / 36)


def test_jobs_that_take_no_time_are_not_expected_to_be_endlessly_many() -> None:
    experience = Experience()
    assert experience.jobs_a_second(5, 0.0, 0.0) == 5.0
    experience.learn(*(Length(100, 0.0, 0.0, 7.0) for _ in range(10)))
    assert experience.jobs_a_second(5, 7.0, 0.0) == 10.0
