"""Bias of cover: estimated as the cover is, over units and strata, with what each point and unit weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from msgspec import structs
from tests.unit.accuracy.audited_reef import SITE, machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.bias import Bias
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import accuracy
from coralrun.cover.estimate import NO_UNIT
from coralrun.estimates.placed import placed
from coralrun.planning.model import Analysis, Plan
from coralrun.review.labels import Label
from coralrun.spec.model import CoverOptions, Design

DEPTHS = Design(unit="site", strata_field="depth")
AREAS = {"deep": 3.0, "shallow": 1.0}


def judged(
    plan: Plan,
    human: Sequence[Sequence[str]],
    chances: Chances | None = None,
    machine: str = "AABB",
    most: Mapping[str, float] | None = None,
) -> tuple[dict[str, Bias], str]:
    """The bias by class, and what weighed how; image by image people's labels, the machine's the same on each, which
    calls at `most` so much of all the run each."""
    pairs = [
        Pair(number, Label(label_id(code), code), machine_says(said))
        for number, codes in enumerate(human)
        for code, said in zip(codes, machine, strict=True)
    ]
    where, of_labels = placed(plan, plan.analysis), None if most is None else {"label": most}
    (found,) = accuracy(pairs, chances, where, plan.analysis, most=of_labels)
    return {bias.name: bias for bias in found.bias}, found.weighting


def in_depths(areas: dict[str, float], *images: tuple[str, str]) -> Plan:
    return plan_of(images, ("site", "depth"), Analysis(design=DEPTHS, areas=areas), 4)


def test_strata_are_joined_by_their_areas_and_their_variances_with_them() -> None:
    plan = in_depths(AREAS, ("a", "deep"), ("b", "deep"), ("c", "shallow"), ("d", "shallow"))
    found, words = judged(plan, ["AABB", "ABBB", "BBBB", "AABB"])
    a = found["A"]
    assert a.bias == pytest.approx(0.75 * np.mean([0, 0.25]) + 0.25 * np.mean([0.5, 0]))
    assert a.se == pytest.approx((0.75**2 * 0.25**2 / 4 + 0.25**2 * 0.5**2 / 4) ** 0.5)
    assert a.lo < a.bias - 4.302653 * a.se  # wider than Student's t: each side is a single point that was mistaken
    assert words.endswith("; areas of the strata")


def test_without_areas_strata_weigh_the_same_and_that_is_said() -> None:
    plan = in_depths({}, ("a", "deep"), ("b", "deep"), ("c", "deep"), ("d", "shallow"), ("e", "shallow"))
    found, words = judged(plan, ["ABBB", "ABBB", "ABBB", "AABB", "AABB"])
    assert found["A"].bias == pytest.approx(0.125)
    assert words.endswith("; strata weigh the same: no areas are given")


def test_a_stratum_without_an_area_leaves_no_mean_and_the_reason() -> None:
    plan = in_depths({"deep": 1.0}, ("a", "deep"), ("b", "shallow"))
    a = judged(plan, ["AABB", "ABBB"])[0]["A"]
    assert np.isnan([a.human, a.machine, a.bias, a.se, a.lo]).all()
    assert a.why == "no mean: areas are not given for every stratum"


def test_a_stratum_without_labels_is_named_with_the_area_that_is_missing() -> None:
    plan = in_depths(AREAS, ("a", "deep"), ("b", "deep"), ("c", "shallow"))
    found, words = judged(plan, ["AABB", "ABBB"])
    assert found["A"].bias == 0.125
    assert words.endswith("; of 75 % of the area: no labels in `shallow`")


def test_a_stratum_of_one_unit_has_no_interval_and_is_named() -> None:
    plan = in_depths(AREAS, ("a", "deep"), ("b", "deep"), ("c", "shallow"))
    assert judged(plan, ["AABB", "ABBB", "AABB"])[0]["A"].why == "no interval: n = 1 in stratum `shallow`"


def test_a_site_in_two_strata_is_one_unit() -> None:
    plan = in_depths(AREAS, *((site, depth) for site in "ab" for depth in ("deep", "shallow")))
    a = judged(plan, ["ABBB", "ABBB", "AABB", "AABB"])[0]["A"]
    assert (a.units, a.bias) == (2, 0.125)
    assert a.se == pytest.approx(0.125)


def test_photos_of_a_site_are_pooled_by_their_points_probabilities() -> None:
    plan = plan_of([("a",), ("a",), ("b",)], ("site",), SITE, 4)
    chances = Chances(np.repeat([0.1, 0.3, 0.2], 4), np.ones(12))
    found, words = judged(plan, ["BBBB", "AABB", "AABB"], chances)
    assert found["A"].bias == pytest.approx(np.mean([0.75 * 0.5, 0]))
    assert words == "points weighed by the probabilities of the audit"


def test_units_weigh_one_over_the_probability_with_which_the_audit_reached_them() -> None:
    plan = plan_of([("a",), ("b",)], ("site",), SITE, 4)
    chances = Chances(np.full(8, 0.1), np.repeat([0.25, 0.75], 4))
    assert judged(plan, ["BBBB", "AABB"], chances)[0]["A"].bias == pytest.approx(0.75 * 0.5)


def test_photos_that_are_units_weigh_one_over_their_probability() -> None:
    plan = plan_of([("a",), ("b",)], ("site",), Analysis(design=Design(unit="image")), 4)
    images = tuple(structs.replace(image, inclusion=p) for image, p in zip(plan.images, (0.2, 0.6), strict=True))
    assert judged(replace(plan, images=images), ["BBBB", "AABB"])[0]["A"].bias == pytest.approx(0.75 * 0.5)


def test_without_a_design_unit_all_points_are_pooled_and_there_is_no_interval() -> None:
    plan = plan_of([("a",), ("b",)], ("site",), Analysis(), 4)
    found, words = judged(plan, ["BBBB", "AABB"])
    assert (found["A"].bias, found["A"].units, found["A"].why) == (0.25, 0, NO_UNIT)
    assert words == "labelled images taken for a random part of the run, because nothing says how they were chosen"


def test_where_people_find_no_point_usable_there_is_no_bias() -> None:
    analysis = Analysis(design=Design(unit="site"), cover=CoverOptions(unusable=("TAPE",)))
    plan = plan_of([("a",), ("b",)], ("site",), analysis, 1)
    assert judged(plan, [["TAPE"], ["TAPE"]], machine="A")[0] == {}


def test_where_no_error_was_seen_it_may_be_as_large_as_in_one_of_so_many_units() -> None:
    """Half of two photos is A, and all points agree: of A at most 84 % is missed (0 of 2), and A is at most all."""
    plan = plan_of([("a",), ("b",)], ("site",), SITE, 4)
    a = judged(plan, ["AABB", "AABB"])[0]["A"]
    assert (a.bias, a.se, a.why) == (0, 0, "")
    assert -0.842 <= a.lo < -0.5
    assert a.hi == pytest.approx(-a.lo)


def test_no_more_was_taken_for_a_class_than_the_machine_calls_so_in_all_the_run() -> None:
    """C may be missed more often or less; the other way only as far as the machine gives it elsewhere."""
    plan = plan_of([(f"s{number}",) for number in range(6)], ("site",), SITE, 4)
    human, all_ = ["AABC", "AABC", "AABB"] * 2, {"A": 1.0, "B": 1.0}
    unknown, somewhere, hardly, nowhere = (
        judged(plan, human, most=most)[0] for most in (None, {**all_, "C": inf}, {**all_, "C": 0.002}, all_)
    )
    assert unknown == somewhere
    assert unknown["C"].hi > 0.2
    assert nowhere["C"].hi < hardly["C"].hi < 0.002
    assert nowhere["C"].lo == hardly["C"].lo == unknown["C"].lo
    assert {**nowhere, "C": None} == {**hardly, "C": None} == {**unknown, "C": None}


def test_errors_that_cancel_are_no_bias_and_units_that_are_alike_do_not_vary() -> None:
    sites = [(f"s{number}", ("deep", "shallow")[number % 2]) for number in range(6)]
    plan = in_depths({"deep": 0.3, "shallow": 0.3}, *sites)
    machine, more, fewer = "AAABBBBCCCC", "AAAABBBCCCC", "AABBBBBCCCC"
    found = judged(plan, [more, fewer] * 3, machine=machine)[0]["A"]
    assert (found.bias, found.se) == (0.0, 0.0)
    found = judged(plan, [more] * 6, machine=machine)[0]["A"]
    assert found.bias == pytest.approx(-1 / 11)
    assert found.se == 0.0
