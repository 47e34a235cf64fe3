"""Intervals: the values of the literature, and never a width of nothing."""

from __future__ import annotations

import numpy as np
import pytest

from coralrun.estimates.intervals import clopper_pearson, effective_points, independent_points, korn_graubard, wilson


def test_clopper_and_pearson_have_the_values_of_the_textbook() -> None:
    # 15 of 148: Newcombe 1998, Statistics in Medicine 17:857-872, table I
    lo, hi = clopper_pearson(15, 148)
    assert (round(float(lo), 4), round(float(hi), 4)) == (0.0578, 0.1617)
    lo, hi = clopper_pearson(0, 20)
    assert (float(lo), round(float(hi), 4)) == (0.0, 0.1684)


def test_wilson_has_the_values_of_the_textbook() -> None:
    # the same paper and table
    assert [round(float(limit), 4) for limit in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(float(limit), 4) for limit in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(float(limit), 4) for limit in wilson(0, 20)] == [0.0, 0.1611]
    assert [round(float(limit), 4) for limit in wilson(29, 29)] == [0.8830, 1.0]


def test_points_that_differ_by_chance_are_worth_as_many_as_there_are() -> None:
    p, points = 0.3, 1000
    by_chance = np.sqrt(p * (1 - p) / points)
    many = independent_points(p, by_chance, 10_000, points)
    assert float(many) == pytest.approx(points, rel=1e-3)
    assert float(independent_points(p, by_chance / 3, 10_000, points)) == points


def test_a_standard_error_from_few_units_makes_points_worth_less() -> None:
    few, more = (float(independent_points(0.3, 0.05, df, 1000)) for df in (3, 30))
    # (t_999 / t_3)^2 of p (1 - p) / se^2
    assert few == pytest.approx(84 * (1.9623 / 3.1824) ** 2, rel=1e-3)
    assert few < more < 84


def test_an_interval_never_leaves_the_shares_and_never_has_no_width() -> None:
    p = np.array([0.0, 1e-6, 0.01, 0.5, 0.99, 1.0])
    lo, hi = korn_graubard(p, np.array([0.0, 1e-6, 0.02, 0.3, 0.02, 0.0]), 2, 500)
    assert (lo >= 0).all() and (hi <= 1).all() and (lo < hi).all()
    assert (lo <= p).all() and (p <= hi).all()


def test_weights_that_differ_make_points_worth_less() -> None:
    assert effective_points([0.25] * 4, [10] * 4) == pytest.approx(40)
    assert effective_points([0.7, 0.1, 0.1, 0.1], [10] * 4) == pytest.approx(10 / 0.52)
