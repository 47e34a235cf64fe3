"""What a process learns of how long jobs take, from looks that see them at work or not."""

from __future__ import annotations

import pytest

from coralrun.machine.experience import (
    GUESS_S,
    Experience,
    Forecast,
    Length,
    forecast_spread,
    growth_of,
    spread_of,
)


def test_a_job_ends_between_the_look_that_saw_it_and_the_one_that_did_not() -> None:
    experience = Experience()
    experience.start(7, 100, 10.0, whole=True)
    experience.see(7, 100.0)
    experience.end(7, 130.0)
    assert list(experience.lengths) == [Length(100, 105.0)]
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


def test_before_a_job_has_ended_a_guess_stands_in_and_grows_with_the_ages_seen() -> None:
    assert spread_of((), ()).middle_s == GUESS_S
    assert spread_of((), (900.0,)).middle_s == 900.0
    assert spread_of((), ()).by(GUESS_S) == pytest.approx(0.5)
    assert spread_of((), ()).by(0.0) == 0.0
    assert 0 < spread_of((), ()).age_s(0.05) < GUESS_S


def test_the_share_of_jobs_that_have_ended_never_falls_with_their_age() -> None:
    spread = spread_of((100.0, 100.0, 150.0, 220.0, 300.0), (90.0, 260.0))
    shares = [spread.by(float(age_s)) for age_s in range(0, 2000, 5)]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert 0.8 < shares[-1] <= 1.0


def test_jobs_still_at_work_keep_the_first_that_ended_from_being_taken_for_all() -> None:
    alone = spread_of((150.0,), ())
    among_others = spread_of((150.0,), (150.0, 150.0, 150.0, 150.0))
    assert alone.by(160.0) > 0.5
    assert among_others.by(160.0) < 0.45
    assert among_others.middle_s > 150.0


def test_a_job_beyond_an_age_ends_with_what_is_left() -> None:
    spread = spread_of((100.0, 200.0, 300.0), ())
    assert spread.by_if_beyond(150.0, 150.0) == 0.0
    assert spread.by_if_beyond(310.0, 250.0) > spread.by(310.0) - spread.by(250.0)
    assert spread.by_if_beyond(140.0, 150.0) == 0.0


def test_ages_by_share_are_those_of_the_lengths_seen() -> None:
    spread = spread_of(tuple(float(second) for second in range(100, 200)), ())
    assert spread.age_s(0.05) == pytest.approx(105.0, abs=1.0)
    assert spread.age_s(2.0) == 199.0


def test_a_forecast_spreads_by_how_far_earlier_ones_missed() -> None:
    spread = forecast_spread(0.0, Forecast(asked_s=100.0, done=50, end_s=200.0), (-0.1, 0.0, 0.1))
    assert spread.by(150.0) < 0.1
    assert spread.by(200.0) == pytest.approx(0.5, abs=0.1)
    assert spread.by(215.0) > 0.85


def test_growth_with_size_is_believed_only_where_it_is_beyond_doubt() -> None:
    growing = tuple(Length(entries, 60 + 2.4 * entries) for entries in (100, 100, 71, 50, 100))
    growth = growth_of(growing)
    assert growth is not None
    assert growth.fixed_s == pytest.approx(60.0)
    assert growth.entry_s == pytest.approx(2.4)
    assert growth.seconds(10) == pytest.approx(84.0)
    noisy = (Length(100, 130.0), Length(100, 350.0), Length(71, 140.0), Length(50, 180.0), Length(100, 200.0))
    assert growth_of(noisy) is None
    assert growth_of(growing[:4]) is None, "too few"
    assert growth_of((Length(100, 300.0),) * 9) is None, "all of one size"
    falling = tuple(Length(entries, 300.0 - entries) for entries in (100, 90, 80, 70, 60))
    assert growth_of(falling) is None


def test_the_fewer_jobs_have_ended_the_surer_must_growth_be() -> None:
    few = (Length(71, 41.0), Length(100, 89.0), Length(100, 98.0), Length(100, 103.0), Length(100, 102.0))
    assert growth_of(few) is None, "five jobs whose times do not grow: the odd one happened to be short"
    assert growth_of(few * 3) is not None


def test_a_job_of_another_size_is_expected_to_take_its_own_time() -> None:
    experience = Experience()
    experience.lengths.extend(Length(entries, 60 + 2.4 * entries) for entries in (100, 100, 71, 50, 100))
    assert experience.spread(10).middle_s == pytest.approx(84.0)
    assert experience.spread().middle_s == pytest.approx(300.0)
