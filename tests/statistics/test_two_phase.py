"""The two-phase estimator equals R's `twophase` of the same points in what both work out (r/two_phase.R)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from coralrun.accuracy.rates import Rows
from coralrun.accuracy.two_phase import Audited, TwoPhase, two_phase

HERE = Path(__file__).parent / "r"
CLASSES = ("coral", "sponge", "turf")


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def found(*, everything: bool = False) -> TwoPhase:
    """What two_phase makes of the points, or as if all of them were audited."""
    points = rows("two_phase_points.csv")
    sites = np.array([int(row["site"]) - 1 for row in points])
    machine = np.array([CLASSES.index(row["machine"]) for row in points])
    people = np.array([CLASSES.index(row["people"]) for row in points])
    counts = np.zeros((sites.max() + 1, len(CLASSES)))
    np.add.at(counts, (sites, machine), 1.0)
    of_site = counts.sum(axis=1)
    seen = np.array([everything or row["audited"] == "TRUE" for row in points])
    row = sites[seen]
    audit = Audited(row, machine[seen], people[seen], 1 / of_site[row], np.ones(len(row), bool))
    n = len(counts)
    units = Rows(np.arange(n), np.zeros(n, np.int64), np.ones(n))
    return two_phase(counts / of_site[:, None], counts.sum(axis=0).astype(int), of_site, units, np.ones(1), audit)


def test_cover_and_the_variance_of_the_second_phase_are_those_of_r() -> None:
    """R's first phase ("approx") takes the spread of points within a site for one between sites, and is not ours."""
    of_class = dict(zip(CLASSES, zip(*found()[1:2], found().second, strict=True), strict=True))
    for row in rows("two_phase.csv"):
        assert of_class[row["class"]] == pytest.approx((float(row["cover"]), float(row["second"])), abs=1e-13)


def test_where_everything_is_audited_the_error_is_that_of_peoples_labels() -> None:
    everything = found(everything=True)
    assert everything.second == pytest.approx(0, abs=1e-15)
    expected = [float(row["labelled_se"]) for row in rows("two_phase.csv")]
    assert everything.se == pytest.approx(expected, abs=1e-13)


def test_bias_is_the_machine_less_the_corrected_cover() -> None:
    some = found()
    assert some.bias == pytest.approx(some.machine - some.corrected)
    assert (some.of_bias.lo <= some.bias).all() and (some.bias <= some.of_bias.hi).all()
