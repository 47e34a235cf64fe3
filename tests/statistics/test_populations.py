"""Bias, recall, precision, agreement and corrected cover of units that were drawn from a known number of them equal
what R's `survey` says of the same points (r/population.R)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.statistics.samples_of_r import R, Row, table
from tests.unit.accuracy.audited_reef import machine_says, plan_of, result
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import Accuracy, Visits, accuracy
from coralrun.estimates.placed import placed
from coralrun.planning.model import Analysis, Plan
from coralrun.review.labels import Label
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.spec.model import Design

IN_ALL: dict[str, int | dict[str, int]] = {"one": 20, "strata": {"deep": 6, "shallow": 40}, "every": 6}
POINTS = 10


def points_of(which: str) -> tuple[list[Row], Plan]:
    """The points of one data set, and the plan of its photos."""
    rows = [row for row in table(R / "population_points.csv") if row["set"] == which]
    photos = dict.fromkeys((row["photo"], row["site"], row["stratum"]) for row in rows)
    strata = which == "strata"
    design = Design(unit="site", units_in_all=IN_ALL[which], strata_field="depth" if strata else None)
    analysis = Analysis(design=design, areas={"deep": 0.7, "shallow": 0.3} if strata else {})
    return rows, plan_of([(site, stratum) for _, site, stratum in photos], ("site", "depth"), analysis, POINTS)


def test_on_each_visit_the_bias_has_the_error_that_r_gives_it() -> None:
    rows = [row for row in table(R / "population_points.csv") if row["set"] == "visits"]
    photos = list(dict.fromkeys((row["photo"], row["site"].split()[1], row["stratum"]) for row in rows))
    analysis = Analysis(design=Design(unit="site", units_in_all=9, occasion="trip"))
    plan = plan_of([(site, trip) for _, site, trip in photos], ("site", "trip"), analysis, POINTS)
    visits = Visits(("y2008", "y2010"), np.array([trip == "y2010" for *_, trip in photos], int), np.ones(len(photos)))
    (found,) = accuracy(pairs_of(rows), None, placed(plan, analysis), analysis, visits=visits)
    of_r = {
        (row["set"], row["class"]): (float(row["bias"]), float(row["bias_se"])) for row in table(R / "population.csv")
    }
    assert [visit for visit, _ in found.by_occasion] == ["y2008", "y2010"]
    for visit, biases in found.by_occasion:
        assert {each.units for each in biases} == {5 if visit == "y2008" else 6}
        for each in biases:
            assert (each.bias, each.se) == pytest.approx(of_r[visit, each.name], abs=1e-13)


def pairs_of(rows: list[Row]) -> list[Pair]:
    return [
        Pair(at // POINTS, Label(label_id(row["people"]), row["people"]), machine_says(row["machine"]))
        for at, row in enumerate(rows)
    ]


def judged(which: str) -> Accuracy:
    rows, plan = points_of(which)
    (found,) = accuracy(pairs_of(rows), None, placed(plan, plan.analysis), plan.analysis)
    return found


@pytest.mark.parametrize("which", IN_ALL)
def test_what_is_said_of_points_has_the_error_that_r_gives_it(which: str) -> None:
    found = judged(which)
    bias, hits = {each.name: each for each in found.bias}, {each.name: each for each in found.hits}
    for row in table(R / "population.csv"):
        if row["set"] != which:
            continue
        of = bias[row["class"]], hits[row["class"]].recall, hits[row["class"]].precision
        ours = [of[0].bias, of[0].se, found.agreement.share, of[1].share, of[1].se, of[2].share, of[2].se]
        names = ("bias", "bias_se", "agreement", "recall", "recall_se", "precision", "precision_se")
        assert ours == pytest.approx([float(row[name]) for name in names], abs=1e-13)
        assert of[0].lo < of[0].bias < of[0].hi


@pytest.mark.parametrize("which", IN_ALL)
def test_where_all_is_reviewed_corrected_cover_is_peoples_with_its_error_by_r(which: str) -> None:
    rows, plan = points_of(which)
    human, machine = (
        [[row[side] for row in rows[at : at + POINTS]] for at in range(0, len(rows), POINTS)]
        for side in ("people", "machine")
    )
    drawn = [DrawnPoint(ReviewSet.AUDIT, at // POINTS, at % POINTS + 1, "", 1.0, 1.0) for at in range(len(rows))]
    frame = result(plan, human, machine, drawn)[1]
    ours = frame[frame["stratum"] == ""].set_index("group")
    for row in table(R / "population.csv"):
        if row["set"] == which:
            of = ours.loc[row["class"]]
            assert [of["cover_corrected"], of["se"]] == pytest.approx(
                [100 * float(row["people"]), 100 * float(row["people_se"])], abs=1e-11
            )
    own, same = (result(plan, human, human, drawn)[part] for part in (0, 1))
    same = same[same["stratum"] == ""]
    for name in ("se", "df", "lo", "hi"):
        assert same.set_index("group")[name].to_dict() == pytest.approx(own.set_index("group")[name].to_dict())


def test_a_reviewed_unit_of_one_photo_leaves_units_few_of_very_many_and_says_so() -> None:
    rows, plan = points_of("one")
    human, machine = (
        [[row[side] for row in rows[at : at + POINTS]] for at in range(0, len(rows), POINTS)]
        for side in ("people", "machine")
    )
    firsts = {image.metadata[0]: at for at, image in reversed(list(enumerate(plan.images)))}.values()
    drawn = [DrawnPoint(ReviewSet.AUDIT, at, point, "", 0.3, 1.0) for at in firsts for point in range(1, POINTS + 1)]
    endless = replace(plan, analysis=Analysis(design=Design(unit="site")))
    known, unknown = (result(which, human, machine, drawn)[1] for which in (plan, endless))
    assert known["se"].to_numpy() == pytest.approx(unknown["se"].to_numpy())
    assert all("review two of each or more" in warning for warning in known["warning"])
    assert not any("review two" in warning for warning in unknown["warning"])
