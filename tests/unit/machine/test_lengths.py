"""How long jobs took, and how that grows with their size."""

from __future__ import annotations

import pytest

from coralrun.machine.lengths import Length, growth_of

from .by_hand import length


def test_a_length_lies_midway_between_its_looks() -> None:
    assert Length(100, 90.0, 120.0, 500.0).seconds == 105.0


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
