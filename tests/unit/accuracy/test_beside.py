"""Two classifiers on the same points: differences between units, and none of what the points have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.accuracy.audited_reef import SITE, machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.beside import Beside, beside
from coralrun.accuracy.comparison import Pair
from coralrun.estimates.placed import placed
from coralrun.planning.model import Analysis
from coralrun.review.labels import Label

SITES = [("a",), ("b",), ("c",)]


def compared(
    people: Sequence[str], first: Sequence[str], second: Sequence[str], analysis: Analysis = SITE, score: float = 0.9
) -> Beside:
    """Of three sites of one photo: the labels of each, by people and by two classifiers."""
    plan = plan_of(SITES, ("site",), analysis, len(people[0]))
    one, other = (
        [
            Pair(image, Label(label_id(truth), truth), machine_says(said, score))
            for image, labels in enumerate(people)
            for truth, said in zip(labels, machine[image], strict=True)
        ]
        for machine in (first, second)
    )
    (found,) = beside(one, other, None, placed(plan, analysis), analysis)
    return found


def test_agreement_is_compared_site_by_site() -> None:
    agreement = compared(["AABB"] * 3, ["AABB", "AABB", "AAAB"], ["AABB", "ABBB", "AAAA"]).agreement
    assert (agreement.first, agreement.second) == pytest.approx((11 / 12, 9 / 12))
    assert agreement.difference == pytest.approx(np.mean([0, 0.25, 0.25]))
    assert agreement.se == pytest.approx(np.std([0, 0.25, 0.25], ddof=1) / 3**0.5)
    assert agreement.lo < 0 < agreement.hi


def test_the_cover_of_one_is_held_against_that_of_the_other() -> None:
    found = compared(["AABB"] * 3, ["AABB", "AABB", "AAAB"], ["AABB", "ABBB", "AAAA"])
    (a,) = (each for each in found.cover if each.name == "A")
    assert (a.people, a.first, a.second) == pytest.approx((0.5, 7 / 12, 7 / 12))
    assert a.difference == pytest.approx(np.mean([0, 0.25, -0.25]))
    assert a.se == pytest.approx(0.25 / 3**0.5)


def test_classifiers_that_say_the_same_differ_by_nothing_that_was_seen() -> None:
    found = compared(["AABB"] * 3, ["ABBB"] * 3, ["ABBB"] * 3)
    assert (found.agreement.difference, found.agreement.se) == (0, 0)
    assert found.agreement.lo < 0 < found.agreement.hi


def test_a_class_that_neither_classifier_gave_is_at_nothing() -> None:
    found = compared(["AACB"] * 3, ["AABB"] * 3, ["AABB"] * 3)
    (c,) = (each for each in found.cover if each.name == "C")
    assert (c.people, c.first, c.second) == (0.25, 0, 0)


def test_without_a_design_unit_there_are_differences_and_no_interval() -> None:
    found = compared(["AABB"] * 3, ["AABB"] * 3, ["ABBB"] * 3, Analysis())
    assert found.agreement.difference == 0.25
    assert np.isnan(found.agreement.lo)
    assert found.agreement.why == "no interval: the survey names no design unit"
