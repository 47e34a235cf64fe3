"""Corrected cover: on reefs whose truth is known, the corrected interval holds it where the machine's own does not.

Every reef has its own mean cover for each site (site effects) and for each photo; sites, photos and points are drawn,
and the truth is the mean of the reef that all sites come from. The classifier errs: it takes a quarter of the coral for
turf, and little turf for coral. People err never, and see what the audit drew: as in the program, by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from tests.unit.results.finished_runs import label_id

from coralrun.coralnet.wire import Classification, ScoredPoint
from coralrun.plan.labelled import LabelledPoint
from coralrun.plan.model import Analysis, Classifier, Plan, PlannedImage
from coralrun.results.corrected import COLUMNS, corrected
from coralrun.results.counts import count_labels
from coralrun.results.cover import Reader
from coralrun.results.review import Candidate, DrawnPoint, ReviewSet, Wanted, audit_points, draw_images
from coralrun.results.reviewed import Label, ReviewedPoint, Reviews
from coralrun.results.units import units_of
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

CLASSES = ("coral", "turf", "sand", "sponge")
REEF = np.array([0.30, 0.40, 0.28, 0.02])
TAKES_FOR = np.array([[0.75, 0.24, 0.01, 0.0], [0.05, 0.90, 0.05, 0.0], [0.0, 0.05, 0.94, 0.01], [0.1, 0.2, 0.2, 0.5]])
SITES, PHOTOS, POINTS = 30, 6, 20
SITE = Analysis(design=Design(unit="site"))


def machine_says(code: str, score: float = 0.9) -> Classification:
    return Classification(score, label_id(code), code, code)


def plan_of(metadata: Sequence[tuple[str, ...]], fields: tuple[str, ...], analysis: Analysis, points: int) -> Plan:
    images = tuple(
        PlannedImage(key=str(n), source="coralnet:2", name=f"{n}.jpg", points=points, image_id=n + 1, metadata=each)
        for n, each in enumerate(metadata)
    )
    return Plan(
        name="reef", service="emulator", survey_digest="0" * 64, classifier=Classifier(id=1), images=images,
        fields=fields, design=None, batch_size=100, concurrency=5, patience_s=1, attempts=3, web_rate=4,
        analysis=analysis,
    )  # fmt: skip


def result(
    plan: Plan, human: list[list[str]], machine: list[list[str]], drawn: list[DrawnPoint]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cover, and corrected cover, of images with these labels; people looked at what was drawn."""
    points = [
        (number, tuple(ScoredPoint(0, at, (machine_says(code),)) for at, code in enumerate(codes)))
        for number, codes in enumerate(machine)
    ]
    reader = Reader(count_labels(plan, points), plan, plan.analysis)
    seen = tuple(
        ReviewedPoint(
            each.image,
            each.point,
            Label(label_id(human[each.image][each.point - 1]), human[each.image][each.point - 1]),
            machine_says(machine[each.image][each.point - 1]),
            LabelledPoint(line=1, name="", row=0, column=0),
            each,
        )
        for each in drawn
    )
    return reader.by(()), corrected(reader, plan, plan.analysis, Reviews(points=seen, audit=tuple(drawn)))


def one_reef(seed: int, sample: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cover, and corrected cover, of one reef."""
    chance = np.random.default_rng(seed)
    sites = chance.dirichlet(REEF * 12, SITES)
    human, machine, metadata = [], [], []
    for number, site in enumerate(sites):
        for _ in range(PHOTOS):
            photo = chance.dirichlet(np.maximum(site * 20, 1e-6))
            true = chance.choice(len(CLASSES), POINTS, p=photo)
            taken = (chance.random((POINTS, 1)) > TAKES_FOR.cumsum(axis=1)[true]).sum(axis=1)
            human.append([CLASSES[each] for each in true])
            machine.append([CLASSES[each] for each in taken])
            metadata.append((f"site{number}",))
    plan = plan_of(metadata, ("site",), SITE, POINTS)
    units = units_of(plan)
    assert units is not None
    images = draw_images([Candidate(n, "", units[n]) for n in range(len(human))], Wanted(share=sample), seed)
    drawn = list(audit_points(images, dict.fromkeys(range(len(human)), POINTS), None, seed))
    return result(plan, human, machine, drawn)


class Coverage(NamedTuple):
    """How often, of 100 reefs, either interval holds the truth, and the mean error of either cover; by class."""

    corrected: NDArray[np.float64]
    machine: NDArray[np.float64]
    error: NDArray[np.float64]
    machine_error: NDArray[np.float64]


@cache
def coverage(seeds: int, sample: float) -> Coverage:
    truth = 100 * REEF
    sums = np.zeros((4, len(CLASSES)))
    for seed in range(seeds):
        cover, better = (frame.set_index("group").reindex(list(CLASSES)) for frame in one_reef(seed, sample))
        for place, frame in enumerate((better, cover)):
            lo, hi = frame["lo"].to_numpy(float), frame["hi"].to_numpy(float)
            sums[place] += 100 * ((lo <= truth) & (truth <= hi))
        sums[2] += better["cover_corrected"].to_numpy(float) - truth
        sums[3] += better["cover_machine"].to_numpy(float) - truth
    return Coverage(*sums / seeds)


SEEDS = 120
"""A thousand reefs give 95 to 97 in 100 for every class; 120 of them, always the same, tell 95 from 75."""


def test_the_corrected_interval_holds_the_truth_and_the_machines_own_does_not() -> None:
    found = coverage(SEEDS, 0.2)
    assert found.corrected.min() >= 90
    assert found.machine[:2].max() < 75


def test_the_correction_takes_the_machines_bias_away() -> None:
    found = coverage(SEEDS, 0.2)
    assert np.abs(found.machine_error[:2]).min() > 4
    assert np.abs(found.error).max() < 0.8


ROW = ["cover_machine", "cover_corrected", "se", "method"]


def of(frame: pd.DataFrame, group: str, stratum: str = "", grouping: str = "label") -> dict[str, Any]:
    chosen = (frame["group"] == group) & (frame["stratum"] == stratum) & (frame["grouping"] == grouping)
    (row,) = frame[chosen].to_dict("records")
    return {str(name): value for name, value in row.items()}


def audit_of(images: dict[int, float], points: int, unit_inclusion: float = 1.0) -> list[DrawnPoint]:
    return [
        DrawnPoint(ReviewSet.AUDIT, image, point, "", inclusion, unit_inclusion)
        for image, inclusion in images.items()
        for point in range(1, points + 1)
    ]


def test_the_estimate_is_the_difference_estimator_worked_out_by_hand() -> None:
    """Machine 50, 25, 75 and 50 % A in four sites; people, in the first three, find 25, 0 and 25 points of 100 less."""
    machine = [list("AABB"), list("ABBB"), list("AAAB"), list("AABB")]
    human = [list("ABBB"), list("ABBB"), list("AABB"), list("AABB")]
    plan = plan_of([("a",), ("b",), ("c",), ("d",)], ("site",), SITE, 4)

    cover, frame = result(plan, human, machine, audit_of({0: 0.75, 1: 0.75, 2: 0.75}, 4, 0.75))

    row = of(frame, "A")
    m, d = np.array([0.5, 0.25, 0.75, 0.5]), np.array([-0.25, 0.0, -0.25])
    shared = np.cov(m[:3], d)[0, 1]
    assert shared < 0
    variance = d.var(ddof=1) / 3 + m.var(ddof=1) / 4
    assert row["cover_machine"] == pytest.approx(50)
    assert row["cover_machine"] == pytest.approx(cover.set_index("group").loc["A", "mean"])
    assert row["cover_corrected"] == pytest.approx(50 - 100 / 6)
    assert row["se"] == pytest.approx(100 * variance**0.5)
    assert (row["df"], row["units"], row["units_reviewed"], row["images_reviewed"], row["points_reviewed"]) == (
        2, 4, 3, 3, 12,
    )  # fmt: skip
    assert row["method"] == "difference estimator"
    assert row["warning"] == "3 reviewed images, fewer than 50: the correction is uncertain"
    assert list(frame.columns) == list(COLUMNS)
    assert "unbiased" not in " ".join([*COLUMNS, *map(str, row.values())])


def test_what_the_machine_hides_where_there_is_much_widens_the_interval() -> None:
    """The more A the machine sees, the more it misses: m and d vary together, and the three terms add up."""
    machine = [list("ABBB"), list("AABB"), list("BBBB")]
    human = [list("AABB"), list("AAAA"), list("BBBB")]
    plan = plan_of([("a",), ("b",), ("c",)], ("site",), SITE, 4)

    row = of(result(plan, human, machine, audit_of({0: 1, 1: 1, 2: 1}, 4))[1], "A")

    m, d = np.array([0.25, 0.5, 0.0]), np.array([0.25, 0.5, 0.0])
    everything = d.var(ddof=1) / 3 + m.var(ddof=1) / 3 + 2 * np.cov(m, d)[0, 1] / 3
    assert row["se"] == pytest.approx(100 * everything**0.5)
    assert row["se"] == pytest.approx(100 * (m + d).std(ddof=1) / 3**0.5)  # as if people had labelled everything


def test_images_count_by_their_probability_within_a_unit() -> None:
    machine, human = [list("AA")] * 2, [list("AA"), list("BB")]
    plan = plan_of([("a",), ("a",)], ("site",), SITE, 2)
    row = of(result(plan, human, machine, audit_of({0: 0.25, 1: 0.75}, 2))[1], "A")
    assert row["cover_corrected"] == pytest.approx(75)  # weights 4 and 4/3: a quarter of the weight is wrong


def test_without_a_design_unit_there_is_a_correction_and_no_interval() -> None:
    plan = plan_of([(), ()], (), Analysis(), 2)
    row = of(result(plan, [list("AB"), list("AB")], [list("AA"), list("AB")], audit_of({0: 0.5}, 2))[1], "A")
    assert (row["cover_machine"], row["cover_corrected"]) == (75, 25)
    assert np.isnan(row["se"])
    assert np.isnan(row["hi"])
    assert row["method"] == "difference estimator; no interval: the survey names no design unit"


def test_one_reviewed_unit_gives_no_interval() -> None:
    plan = plan_of([("a",), ("b",)], ("site",), SITE, 2)
    row = of(result(plan, [list("AB")] * 2, [list("AB")] * 2, audit_of({0: 0.5}, 2, 0.5))[1], "A")
    assert np.isnan(row["lo"])
    assert row["method"] == "difference estimator; n = 1: no interval"


def test_strata_are_corrected_each_and_joined_by_their_areas() -> None:
    analysis = Analysis(design=Design(unit="site", strata_field="depth"), areas={"deep": 3.0, "shallow": 1.0})
    metadata = [("a", "deep"), ("b", "deep"), ("c", "shallow"), ("d", "shallow")]
    plan = plan_of(metadata, ("site", "depth"), analysis, 2)
    machine = [list("AA"), list("AB"), list("BB"), list("AB")]
    human = [list("AA"), list("BB"), list("AB"), list("AB")]

    cover, frame = result(plan, human, machine, audit_of({0: 1, 1: 1, 2: 1, 3: 1}, 2))

    assert list(dict.fromkeys(frame["stratum"])) == ["", "deep", "shallow"]
    assert (of(frame, "A", "deep")["cover_corrected"], of(frame, "A", "shallow")["cover_corrected"]) == (50, 50)
    whole = of(frame, "A")
    assert whole["cover_machine"] == pytest.approx(0.75 * 75 + 0.25 * 25)
    assert whole["cover_machine"] == pytest.approx(cover.set_index("group").loc["A", "mean"])
    assert whole["se"] == pytest.approx(
        (0.75**2 * of(frame, "A", "deep")["se"] ** 2 + 0.25**2 * of(frame, "A", "shallow")["se"] ** 2) ** 0.5
    )
    assert whole["df"] == 2


def test_groups_are_corrected_beside_labels() -> None:
    coral = Group(path=("coral",), labels=(label_id("A"), label_id("C")))
    rest = Group(path=("rest",), labels=(label_id("B"),))
    groups = LabelGroups(name="g", title="g", date="", source="", levels=("category",), groups=(coral, rest))
    plan = plan_of([("a",), ("b",)], ("site",), Analysis(design=Design(unit="site"), groups=groups), 2)
    frame = result(plan, [list("CB"), list("CB")], [list("AB"), list("AB")], audit_of({0: 1, 1: 1}, 2))[1]
    assert of(frame, "coral", grouping="category")["correction"] == 0
    assert (of(frame, "A")["correction"], of(frame, "C")["correction"]) == (-50, 50)
    assert of(frame, "C")["cover_machine"] == 0


def test_points_that_people_call_unusable_leave_peoples_cover() -> None:
    analysis = Analysis(design=Design(unit="site"), cover=CoverOptions(unusable=("X",)))
    plan = plan_of([("a",), ("b",)], ("site",), analysis, 4)
    row = of(result(plan, [list("AXBB")] * 2, [list("AABB")] * 2, audit_of({0: 1, 1: 1}, 4))[1], "A")
    assert row["cover_corrected"] == pytest.approx(100 / 3)


def test_a_correction_below_nothing_is_cut_and_its_interval_stays_open_above() -> None:
    machine = [list("ABBB"), list("BBBB"), list("BBBB"), list("BBBB")]
    plan = plan_of([("a",), ("b",), ("c",), ("d",)], ("site",), SITE, 4)
    row = of(result(plan, [list("BBBB")] * 4, machine, audit_of({0: 0.5, 1: 0.5}, 4, 0.5))[1], "A")
    assert (row["cover_machine"], row["cover_corrected"], row["lo"]) == (6.25, 0.0, 0.0)
    assert 5 < row["hi"] < 100


def test_a_class_that_nobody_has_seen_has_the_upper_limit_of_as_many_points_as_units_are_reviewed() -> None:
    groups = LabelGroups(
        name="g", title="g", date="", source="", levels=("category",),
        groups=(Group(path=("all",), labels=(label_id("A"),)), Group(path=("never",), labels=(1,))),
    )  # fmt: skip
    plan = plan_of([("a",), ("b",)], ("site",), Analysis(design=Design(unit="site"), groups=groups), 10)
    row = of(
        result(plan, [["A"] * 10] * 2, [["A"] * 10] * 2, audit_of({0: 1, 1: 1}, 10))[1], "never", grouping="category"
    )
    assert (row["cover_corrected"], row["lo"]) == (0, 0)
    assert row["hi"] == pytest.approx(
        100 * (1 - 0.025 ** (1 / 2))
    )  # Clopper and Pearson's of 0 in 2: all else is alike


def test_the_triage_changes_nothing() -> None:
    plan = plan_of([("a",), ("b",)], ("site",), SITE, 2)
    audit = audit_of({0: 1, 1: 1}, 1)
    triage = [DrawnPoint(ReviewSet.TRIAGE, image, 2, "low score") for image in (0, 1)]
    human, machine = [list("AB")] * 2, [list("AA")] * 2
    with_triage, without = (result(plan, human, machine, drawn)[1] for drawn in ([*audit, *triage], audit))
    pd.testing.assert_frame_equal(with_triage[ROW], without[ROW])


def test_without_an_audit_there_is_nothing_to_say() -> None:
    plan = plan_of([("a",)], ("site",), SITE, 2)
    assert result(plan, [list("AB")], [list("AB")], [])[1].empty
