"""The variance of sums over strata: a unit that lies in several is one unit of the sample."""

from __future__ import annotations

import numpy as np
import pytest

from coralrun.estimates.clusters import Mean, Parts, covariance, effective_units, mean, sharing, spread, variance


def mean_of(*strata: dict[int, float], areas: tuple[float, ...] = ()) -> Mean:
    """Strata, of equal area where nothing else is said, each with the values of its units by number."""
    values = np.array([[value] for units in strata for value in units.values()])
    unit = np.array([unit for units in strata for unit in units])
    stratum = np.array([number for number, units in enumerate(strata) for _ in units])
    return mean(values, np.ones(len(unit)), unit, stratum, np.array(areas or [1 / len(strata)] * len(strata)))


def parts_of(*strata: dict[int, float]) -> Parts:
    return mean_of(*strata).parts


def df_of(*strata: dict[int, float], areas: tuple[float, ...] = ()) -> float:
    return float(spread(mean_of(*strata, areas=areas)).df[0])


def test_strata_that_share_no_unit_are_samples_of_their_own() -> None:
    parts = parts_of({1: 0.2, 2: 0.6}, {3: 0.1, 4: 0.3, 5: 0.8})
    apart = np.var([0.2, 0.6], ddof=1) / 2 + np.var([0.1, 0.3, 0.8], ddof=1) / 3
    assert variance(parts) == pytest.approx([apart / 4])


def test_units_that_lie_in_all_strata_vary_as_their_sums_do() -> None:
    parts = parts_of({1: 0.2, 2: 0.6, 3: 0.1}, {1: 0.3, 2: 0.9, 3: 0.2})
    assert variance(parts) == pytest.approx([np.var([0.25, 0.75, 0.15], ddof=1) / 3])


def test_strata_that_share_units_vary_by_their_own_and_by_what_they_share() -> None:
    deep, shallow = {1: 0.2, 2: 0.6}, {2: 0.9, 3: 0.3}
    parts = parts_of(deep, shallow)
    apart = sum(np.var(list(units.values()), ddof=1) / 2 for units in (deep, shallow)) / 4
    common = 2 * 2 * (0.2 / 2 / 2) * (0.3 / 2 / 2)  # unit 2, twice n / (n - 1) = 2, is 0.2 and 0.3 above the means
    assert variance(parts) == pytest.approx([apart + common])


def test_strata_share_units_through_others() -> None:
    parts = parts_of({1: 0, 2: 0}, {8: 0, 9: 0}, {2: 0, 3: 0}, {3: 0, 4: 0})
    assert [group.tolist() for group in sharing(parts)] == [[0, 2, 3], [1]]


def test_alike_strata_have_units_less_strata_degrees_of_freedom() -> None:
    assert df_of({1: 0.1, 2: 0.3, 3: 0.5}) == pytest.approx(3 - 1)
    assert df_of({1: 0.1, 2: 0.3, 3: 0.5}, {4: 0.6, 5: 0.8, 6: 1.0}) == pytest.approx(6 - 2)


def test_strata_that_share_units_have_the_degrees_of_freedom_of_one_sample() -> None:
    assert df_of({1: 0.2, 2: 0.6, 3: 0.1}, {1: 0.3, 2: 0.9, 3: 0.2}) == pytest.approx(3 - 1)
    counting_twice = df_of({1: 0.2, 2: 0.6}, {2: 0.9, 3: 0.3})  # the second unit is in both strata
    assert counting_twice == pytest.approx(2 / 3 * (1 + 4 + 1) ** 2 / (1 + 16 + 1))


def test_a_large_stratum_of_few_units_has_few_degrees_of_freedom() -> None:
    """Cochran 1977, equation 5.16, by hand: three sites on 70 % of the area, ten on the rest."""
    large, small = {1: 0.1, 2: 0.3, 3: 0.5}, {unit: 0.2 + 0.01 * unit for unit in range(4, 14)}
    of_large, of_small = 0.7**2 * 0.04 / 3, 0.3**2 * np.var(list(small.values()), ddof=1) / 10
    found = (of_large + of_small) ** 2 / (of_large**2 / 2 + of_small**2 / 9)
    assert df_of(large, small, areas=(0.7, 0.3)) == pytest.approx(found)
    assert 2 < found < 2.1


def test_units_that_happen_to_be_alike_do_not_make_their_stratum_better_known() -> None:
    """By what was found the large stratum would not matter at all, and df would be 9 of the other one."""
    alike, other = {1: 0.2, 2: 0.2, 3: 0.2}, {unit: 0.01 * unit for unit in range(4, 14)}
    by_design = (0.7**2 / 3 + 0.3**2 / 10) ** 2 / ((0.7**2 / 3) ** 2 / 2 + (0.3**2 / 10) ** 2 / 9)
    assert df_of(alike, other, areas=(0.7, 0.3)) == pytest.approx(by_design)
    assert by_design < 2.3


def test_a_class_that_grows_in_one_stratum_is_known_as_well_as_that_stratum() -> None:
    none = dict.fromkeys(range(4, 14), 0.0)
    assert df_of({1: 0.1, 2: 0.3, 3: 0.5}, none, areas=(0.05, 0.95)) == pytest.approx(2)


def test_units_that_weigh_differently_are_worth_fewer() -> None:
    assert effective_units(mean_of({1: 0, 2: 0}, {3: 0, 4: 0})) == pytest.approx([4])
    assert effective_units(mean_of({1: 0, 2: 0}, {3: 0, 4: 0}, areas=(0.9, 0.1))) == pytest.approx(
        [1 / (0.81 / 2 + 0.01 / 2)]
    )
    some = mean_of({1: 0.5, 2: 0, 3: 0.1, 4: 0})
    assert effective_units(some, np.array([[True], [False], [True], [False]])) == pytest.approx([2])


def test_variance_by_chance_is_as_large_as_it_is_said_to_be_whatever_is_shared() -> None:
    """Two strata of five units; what a unit has in both is as large as what it has in one alone."""
    chance, n = np.random.default_rng(0), 4000
    for shared in (0, 1, 3, 5):
        first, second = range(5), range(5 - shared, 10 - shared)
        own = chance.standard_normal((n, 10))
        of_units = [own[:, list(units)] + chance.standard_normal((n, 5)) for units in (first, second)]
        means = sum(values.mean(axis=1) for values in of_units) / 2
        residuals = [(values - values.mean(axis=1, keepdims=True)) / 10 for values in of_units]
        parts = Parts(np.array([*first, *second]), np.repeat([0, 1], 5), np.concatenate(residuals, axis=1).T)
        assert np.mean(variance(parts)) / np.var(means) == pytest.approx(1, abs=0.06)


def test_the_covariance_of_the_same_units_is_theirs() -> None:
    m, d = np.array([0.2, 0.6, 0.1]), np.array([0.0, -0.2, 0.1])
    all_units, some = parts_of(dict(enumerate(m))), parts_of(dict(enumerate(d)))
    assert covariance(all_units, some) == pytest.approx([np.cov(m, d)[0, 1] / 3])


def test_units_that_only_one_of_the_two_has_covary_with_nothing() -> None:
    all_units = parts_of({1: 0.2, 2: 0.6, 3: 0.1, 4: 0.9})
    some = parts_of({4: 0.1, 2: 0.3})
    by_hand = (2 / 1) * ((0.6 - 0.45) / 4 * (0.3 - 0.2) / 2 + (0.9 - 0.45) / 4 * (0.1 - 0.2) / 2)
    assert covariance(all_units, some) == pytest.approx([by_hand])
