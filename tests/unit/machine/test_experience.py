"""What a process learns of how long jobs take, from looks that see them at work or not."""

from __future__ import annotations

import pytest

from coralrun.machine.experience import Experience
from coralrun.machine.lengths import Length

from .by_hand import length


def test_a_job_ends_between_the_look_that_saw_it_and_the_one_that_did_not() -> None:
    experience = Experience()
    experience.start(7, 100, 10.0, whole=True)
    experience.see(7, 100.0)
    experience.end(7, 130.0)
    assert list(experience.lengths) == [Length(100, 90.0, 120.0)]
    experience.end(7, 500.0)
    experience.forget(7)
    assert len(experience.lengths) == 1
    assert not experience.watched


def test_a_job_that_is_seen_again_is_not_over_yet() -> None:
    experience = Experience()
    experience.start(7, 100, 10.0, whole=True)
    experience.end(7, 130.0)
    experience.see(7, 140.0)
    assert not experience.watched[7].over


def test_nothing_is_learnt_of_a_job_whose_start_was_not_seen() -> None:
    experience = Experience()
    experience.start(7, 100, 10.0, whole=False)
    experience.hear(7, 50, 60.0)
    experience.end(7, 130.0)
    assert experience.ended == 1
    assert not experience.lengths
    assert not experience.misses


def test_what_is_told_of_jobs_that_are_not_watched_changes_nothing() -> None:
    experience = Experience()
    experience.see(7, 1.0)
    experience.hear(7, 50, 1.0)
    experience.end(7, 1.0)
    experience.forget(7)
    assert (experience.ended, experience.watched) == (0, {})


def test_a_forecast_is_put_to_the_test_by_the_end_that_the_looks_allow() -> None:
    experience = Experience()
    for job, ended_s in ((1, 205.0), (2, 260.0)):
        experience.start(job, 100, 0.0, whole=True)
        experience.hear(job, 50, 100.0)
        experience.see(job, 190.0)
        experience.end(job, ended_s)
    hit, _ = experience.misses
    assert hit == 0.0
    experience.start(3, 100, 0.0, whole=True)
    experience.hear(3, 50, 100.0)
    experience.see(3, 250.0)
    experience.end(3, 260.0)
    late = experience.misses[-1]
    assert late is not None
    assert late == pytest.approx(0.53, abs=0.01)


def test_status_calls_tell_until_they_are_seen_not_to() -> None:
    experience = Experience()
    assert experience.is_telling()
    experience.misses.extend([None, 0.05, 0.0])
    assert not experience.is_telling()
    experience.misses.extend([0.0, 0.0])
    assert experience.is_telling()
    experience.misses.extend([0.5, 0.5])
    assert not experience.is_telling()


def test_a_status_call_without_counts_is_one_that_told_nothing() -> None:
    experience = Experience()
    experience.start(7, 100, 0.0, whole=True)
    experience.hear(7, 0, 60.0)
    experience.end(7, 200.0)
    assert list(experience.misses) == [None]


def test_few_tests_of_forecasts_are_eked_out_by_a_guess() -> None:
    experience = Experience()
    assert len(experience.known_misses()) == 3
    experience.misses.extend([0.01, None])
    assert experience.known_misses()[0] == 0.01
    assert len(experience.known_misses()) == 4
    experience.misses.extend([0.02, 0.03])
    assert experience.known_misses() == (0.01, 0.02, 0.03)


def test_a_job_of_another_size_is_expected_to_take_its_own_time() -> None:
    experience = Experience()
    experience.lengths.extend(length(60 + 2.4 * entries, entries) for entries in (100, 100, 71, 50, 100))
    assert experience.spread(10).middle_s == pytest.approx(84.0)
    assert experience.spread().middle_s == pytest.approx(300.0)
