"""What the lengths of jobs that ended tell of those to come."""

from __future__ import annotations

import pytest

from coralrun.machine.lengths import GUESS_S, Forecast, Length, forecast_spread, growth_of, spread_of

from .by_hand import length


def lengths(*seconds: float) -> tuple[Length, ...]:
    return tuple(map(length, seconds))


def test_before_a_job_has_ended_a_guess_stands_in_and_grows_with_the_ages_seen() -> None:
    assert spread_of((), ()).middle_s == GUESS_S
    assert spread_of((), (900.0,)).middle_s == 900.0
    assert spread_of((), ()).by(GUESS_S) == pytest.approx(0.5)
    assert spread_of((), ()).by(0.0) == 0.0
    assert 0 < spread_of((), ()).age_s(0.05) < GUESS_S


def test_the_share_of_jobs_that_have_ended_never_falls_with_their_age() -> None:
    spread = spread_of(lengths(100.0, 100.0, 150.0, 220.0, 300.0), (90.0, 260.0))
    shares = [spread.by(float(age_s)) for age_s in range(0, 2000, 5)]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert 0.8 < shares[-1] <= 1.0


def test_jobs_still_at_work_keep_the_first_that_ended_from_being_taken_for_all() -> None:
    alone = spread_of(lengths(150.0), ())
    among_others = spread_of(lengths(150.0), (150.0, 150.0, 150.0, 150.0))
    assert alone.by(160.0) > 0.5
    assert among_others.by(160.0) < 0.45
    assert among_others.middle_s > 150.0


def test_a_job_beyond_an_age_ends_with_what_is_left() -> None:
    spread = spread_of(lengths(100.0, 200.0, 300.0), ())
    assert spread.by_if_beyond(150.0, 150.0) == 0.0
    assert spread.by_if_beyond(310.0, 250.0) > spread.by(310.0) - spread.by(250.0)
    assert spread.by_if_beyond(140.0, 150.0) == 0.0


def test_ages_by_share_are_those_of_the_lengths_seen() -> None:
    spread = spread_of(lengths(*range(100, 200)), ())
    assert spread.age_s(0.05) == pytest.approx(105.0, abs=1.0)
    assert spread.age_s(2.0) == 199.0


def test_a_forecast_spreads_by_how_far_earlier_ones_missed() -> None:
    spread = forecast_spread(0.0, Forecast(asked_s=100.0, done=50, end_s=200.0), (-0.1, 0.0, 0.1))
    assert spread.by(150.0) < 0.1
    assert spread.by(200.0) == pytest.approx(0.5, abs=0.1)
    assert spread.by(215.0) > 0.85


def test_growth_with_size_is_believed_only_where_it_is_beyond_doubt() -> None:
    growing = tuple(length(60 + 2.4 * entries, entries) for entries in (100, 100, 71, 50, 100))
    growth = growth_of(growing)
    assert growth is not None
    assert growth.fixed_s == pytest.approx(60.0)
    assert growth.entry_s == pytest.approx(2.4)
    assert growth.seconds(10) == pytest.approx(84.0)
    noisy = (length(130.0, 100), length(350.0, 100), length(140.0, 71), length(180.0, 50), length(200.0, 100))
    assert growth_of(noisy) is None
    assert growth_of(growing[:4]) is None, "too few"
    assert growth_of((length(300.0, 100),) * 9) is None, "all of one size"
    falling = tuple(length(300.0 - entries, entries) for entries in (100, 90, 80, 70, 60))
    assert growth_of(falling) is None


def test_the_fewer_jobs_have_ended_the_surer_must_growth_be() -> None:
    few = (length(41.0, 71), length(89.0, 100), length(98.0, 100), length(103.0, 100), length(102.0, 100))
    assert growth_of(few) is None, "five jobs whose times do not grow: the odd one happened to be short"
    assert growth_of(few * 3) is not None


def between(*looks: tuple[float, float]) -> tuple[Length, ...]:
    return tuple(Length(100, after_s, by_s) for after_s, by_s in looks)


def test_jobs_that_may_all_have_taken_as_long_are_taken_to_do_so_where_every_look_allows_it() -> None:
    spread = spread_of(between((270.0, 301.0), (299.0, 330.0), (240.0, 320.0)), ())
    assert spread.by(299.0) < 0.15, "but for the doubt, which is that of one job more"
    assert spread.by(301.0) > 0.85
    assert spread.by_if_beyond(301.0, 299.0) > 0.85
    assert spread.middle_s == 300.0


def test_each_look_at_another_moment_tells_more_of_a_time_that_is_always_the_same() -> None:
    looks = between((270.0, 310.0), (280.0, 320.0), (290.0, 315.0), (285.0, 302.0))
    widths = [last - first for first, last in (spread_of(looks[:seen], ()).ages_s for seen in (3, 4))]
    assert widths == [20.0, 12.0]
    assert spread_of(looks, (298.0, 120.0)).ages_s == (298.0, 302.0), "a job still at work tells too"


def test_times_that_cannot_be_the_same_are_not_taken_to_be() -> None:
    looks = between((270.0, 301.0), (299.0, 330.0), (305.0, 320.0))
    assert len(spread_of(looks, ()).ages_s) > 2
    alike = between((270.0, 301.0), (299.0, 330.0), (240.0, 320.0))
    assert len(spread_of(alike, (302.0,)).ages_s) > 2, "one outlasts them"
    assert len(spread_of(alike[:2], ()).ages_s) > 2, "two may have met by chance"


def test_a_length_lies_midway_between_its_looks_and_grows_with_them() -> None:
    assert Length(100, 90.0, 120.0).seconds == 105.0
    assert Length(100, 90.0, 120.0).times(2.0) == Length(100, 180.0, 240.0)
