"""Agreement is estimated as cover is, and says where it is none of new photos."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.accuracy.audited_reef import SITE, machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.agreement import Agreement, agreement_of_audit
from coralrun.estimates.intervals import korn_graubard
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.review.labels import Label
from coralrun.review.reviewed import Parts, ReviewedPoint, Reviews
from coralrun.review.sets import DrawnPoint, ReviewSet

SITES = plan_of([("a",), ("a",), ("b",)], ("site",), SITE, 4)


def agreement(plan: Plan, *images: tuple[int, float, str], parts: Parts | None = None) -> Agreement:
    """Of audited images: their number, the probability of their points, what people say where the machine says A."""
    points = [
        ReviewedPoint(
            image, place, Label(label_id(code), code), machine_says("A"),
            LabelledPoint(line=1, name="", row=0, column=0),
            DrawnPoint(ReviewSet.AUDIT, image, place, "", inclusion, 1.0),
        )
        for image, inclusion, codes in images
        for place, code in enumerate(codes, start=1)
    ]  # fmt: skip
    there = np.array(plan.point_counts, float)
    return agreement_of_audit(plan, Reviews(tuple(points), parts=parts or Parts()), there)


def test_points_weigh_one_over_their_probability_and_units_the_same() -> None:
    found = agreement(SITES, (0, 0.1, "AAAA"), (1, 0.3, "BBBB"), (2, 0.2, "AABB"))
    assert found.share == pytest.approx((0.75 + 0.5) / 2)
    worth = (40 + 40 / 3) ** 2 / (
        4 * 10**2 + 4 * (10 / 3) ** 2
    )  # Kish: four points that weigh 10 and four that weigh 3.3
    lo, hi = korn_graubard(found.share, 0.125, 1, 1 / (0.25 / worth + 0.25 / 4))
    assert [found.lo, found.hi] == pytest.approx([float(lo), float(hi)])


def test_images_that_came_later_and_others_stand_for_their_own_parts_of_a_unit() -> None:
    plan = plan_of([("a",)] * 5, ("site",), SITE, 4)
    found = agreement(plan, (0, 0.4, "AAAA"), (1, 0.4, "ABBB"), parts=Parts((frozenset({1, 2, 3, 4}),)))
    assert found.share == pytest.approx(1 / 5 + 4 / 5 / 4)


def test_an_audit_that_tells_nothing_of_images_that_came_later_has_no_agreement() -> None:
    assert np.isnan(agreement(SITES, (0, 0.5, "AABB"), parts=Parts((frozenset({2}),), frozenset({2}))).share)


def test_a_part_of_a_unit_without_a_reviewed_image_leaves_no_agreement() -> None:
    assert np.isnan(agreement(SITES, (0, 0.5, "AABB"), (2, 0.5, "AABB"), parts=Parts((frozenset({1}),))).share)


def test_points_that_a_classifier_may_have_learnt_from_stand_for_themselves() -> None:
    plan = plan_of([("a",)] * 5, ("site",), SITE, 4)
    parts = Parts((frozenset({0, 1, 2, 3, 4}),), alone={0: 3})
    found = agreement(plan, (0, 0.4, "AAA"), (1, 0.4, "ABBB"), parts=parts)
    assert found.share == pytest.approx((3 + 17 / 4) / 20)


@pytest.mark.parametrize(("more", "is_known"), [((), False), ((4, 9), True)], ids=["one photo", "two photos"])
def test_a_photo_that_stands_for_others_alone_leaves_units_few_of_very_many(
    more: tuple[int, ...], is_known: bool
) -> None:
    of_two = replace(SITE, design=replace(SITE.design, units_in_all=2))
    plans = (plan_of([("a",)] * 5 + [("b",)] * 5, ("site",), analysis, 4) for analysis in (SITE, of_two))
    images = [
        (0, 1.0, "AAAA"),
        (1, 1.0, "ABBB"),
        (2, 1.0, "AABB"),
        (5, 1.0, "AABB"),
        (6, 1.0, "AAAB"),
        (7, 1.0, "BBBB"),
    ]
    images += [(image, 1.0, "AAAB") for image in more]
    few, known = (agreement(plan, *images, parts=Parts((frozenset({2, 3, 4, 7, 8, 9}),))) for plan in plans)
    assert few.share == known.share
    assert (few[1:] != known[1:]) is is_known


def test_without_a_design_unit_there_is_a_share_and_no_interval() -> None:
    found = agreement(replace(SITES, analysis=Analysis()), (0, 0.5, "AABB"), (2, 0.5, "AAAA"))
    assert found.share == 0.75
    assert math.isnan(found.lo) and math.isnan(found.hi)


@pytest.mark.parametrize(("source", "expected"), [(2, True), (1, False), (None, True)])
def test_photos_of_the_classifiers_own_source_are_in_sample(source: int | None, expected: bool) -> None:
    plan = replace(SITES, classifier=Classifier(id="1", source=source))
    assert agreement(plan, (0, 0.5, "AABB"), (2, 0.5, "AAAA")).in_sample is expected


def test_an_audit_of_no_point_has_no_agreement() -> None:
    assert np.isnan(agreement(SITES).share)


def test_all_agree_has_the_limits_of_one_point_a_unit_however_weights_round() -> None:
    found = agreement(SITES, (0, 0.1, "AAAAAAA"), (2, 0.1, "AAAAAAAAA"))
    assert (found.share, found.hi) == (1, 1)
    assert found.lo == pytest.approx(0.025 ** (1 / 2))
