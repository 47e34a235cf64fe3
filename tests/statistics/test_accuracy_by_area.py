"""Recall, precision and the confusion matrix equal what R's `survey` says of the same points (r/accuracy.R)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tests.unit.accuracy.audited_reef import SITE, machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import Accuracy, accuracy
from coralrun.estimates.placed import placed
from coralrun.planning.model import Analysis
from coralrun.review.labels import Label
from coralrun.spec.model import Design

HERE = Path(__file__).parent / "r"
AREAS = {"deep": 70.0, "middle": 25.0, "shallow": 5.0}
STRATA = Analysis(design=Design(unit="site", strata_field="depth"), areas=AREAS)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def judged(which: str) -> Accuracy:
    """The points of one data set, each site a photo."""
    points = [row for row in rows("accuracy_points.csv") if row["set"] == which]
    sites = list(dict.fromkeys((row["site"], row["stratum"]) for row in points))
    analysis = STRATA if which == "strata" else SITE
    plan = plan_of(sites, ("site", "depth"), analysis, len(points))
    pairs = [
        Pair(
            sites.index((row["site"], row["stratum"])),
            Label(label_id(row["people"]), row["people"]),
            machine_says(row["machine"]),
        )
        for row in points
    ]
    chances = Chances(np.array([float(row["inclusion"]) for row in points]), np.ones(len(points)))
    (found,) = accuracy(pairs, chances, placed(plan, analysis), analysis)
    return found


@pytest.mark.parametrize("which", ["plain", "strata", "few"])
def test_rates_and_their_errors_are_those_of_r(which: str) -> None:
    found = judged(which)
    of_class = {hits.name: hits for hits in found.hits}
    for row in rows("accuracy.csv"):
        if row["set"] == which:
            hits, cell = of_class[row["class"]], found.confusion.get((row["class"], row["class"]))
            assert hits.recall.share == pytest.approx(float(row["recall"]), abs=1e-13)
            assert hits.precision.share == pytest.approx(float(row["precision"]), abs=1e-13)
            assert (0 if cell is None else cell.share) == pytest.approx(float(row["both"]), abs=1e-13)
            for rate, said in ((hits.recall, row["recall_se"]), (hits.precision, row["precision_se"])):
                assert np.isnan(rate.se) or rate.se == pytest.approx(float(said), abs=1e-13)


def test_a_class_at_one_site_has_rates_without_an_interval() -> None:
    (sponge,) = (hits for hits in judged("few").hits if hits.name == "sponge")
    assert (sponge.recall.share, sponge.recall.units) == (0, 1)
    assert np.isnan(sponge.recall.lo)


def test_where_nothing_weighs_rates_are_the_shares_of_the_counts() -> None:
    for hits in judged("plain").hits:
        assert hits.recall.share == pytest.approx(hits.both / hits.human)
        assert hits.precision.share == pytest.approx(hits.both / hits.machine)
