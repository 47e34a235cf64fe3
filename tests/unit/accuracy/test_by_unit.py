"""The bias at each design unit: its own shares, weighed by the probabilities of its points, and no interval."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.accuracy.audited_reef import machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.by_unit import UnitBias, bias_by_unit_of_audit
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Analysis
from coralrun.review.labels import Label
from coralrun.review.reviewed import ReviewedPoint, Reviews
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.spec.model import Design

IN_DEPTHS = Analysis(design=Design(unit="site", strata_field="depth"), areas={"deep": 1.0, "shallow": 3.0})
PHOTOS = [("a", "deep"), ("a", "shallow"), ("b", "deep"), ("b", "deep")]


def found(analysis: Analysis, *images: tuple[int, float, str]) -> list[UnitBias]:
    """Of audited photos: their number, the probability of their points, what people say where the machine says A, B."""
    points = [
        ReviewedPoint(
            image, place, Label(label_id(code), code), machine_says("AB"[place % 2]),
            LabelledPoint(line=1, name="", row=0, column=0), DrawnPoint(ReviewSet.AUDIT, image, place, "", inclusion),
        )
        for image, inclusion, codes in images
        for place, code in enumerate(codes)
    ]  # fmt: skip
    plan = plan_of(PHOTOS, ("site", "depth"), analysis, 2)
    there = np.array(plan.point_counts, float)
    return list(bias_by_unit_of_audit(plan, Reviews(tuple(points)), there, "label"))


def test_a_unit_has_a_row_for_each_stratum_that_it_lies_in() -> None:
    rows = [row for row in found(IN_DEPTHS, (0, 1, "AB"), (1, 1, "BB"), (2, 1, "AA")) if row.name == "A"]
    assert [(row.stratum, row.unit, row.bias, row.agreement) for row in rows] == [
        ("deep", "a", 0, 1),
        ("deep", "b", -0.5, 0.5),
        ("shallow", "a", 0.5, 0.5),
    ]


def test_points_of_a_unit_weigh_one_over_their_probability() -> None:
    (row,) = (row for row in found(IN_DEPTHS, (2, 0.25, "AB"), (3, 1, "BB")) if row.name == "A")
    assert (row.images, row.points) == (2, 4)
    assert (row.human, row.bias) == pytest.approx((0.4, 0.1))


def test_without_a_design_unit_there_is_none() -> None:
    assert found(Analysis(), (0, 1, "AB")) == []
