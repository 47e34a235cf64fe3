"""Corrected cover: on reefs whose truth is known, the corrected interval holds it where the machine's own does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.accuracy.audited_reef import SITE, World, coverage, plan_of, result
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.corrected import COLUMNS
from coralrun.accuracy.corrected_warnings import warning, warnings_of
from coralrun.planning.model import Analysis, Plan
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

SEEDS = 80
"""A thousand reefs give 95 to 97 in 100 for every class; 80 of them, always the same, tell 95 from 75."""


def test_the_correction_takes_the_bias_away_and_its_interval_holds_the_truth() -> None:
    found = coverage(World(), SEEDS)
    assert found.corrected.min() >= 90
    assert found.machine[:2].max() < 75
    assert np.abs(found.machine_error[:2]).min() > 4
    assert np.abs(found.error).max() < 0.8


def test_sites_in_two_strata_are_one_unit_each_and_intervals_hold_the_truth() -> None:
    """A thousand reefs give 95 to 97 in 100; with each depth of a site for a unit of its own, 89 to 90."""
    found = coverage(World(sites=12, photos=3, sample=0.4, depths=True), SEEDS)
    assert found.corrected.min() >= 92


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
    assert shared < 0  # the machine exaggerates where there is much, which makes the mean of both more certain
    variance = d.var(ddof=1) / 3 + m.var(ddof=1) / 4 + 2 * shared / 4
    assert row["cover_machine"] == pytest.approx(50)
    assert row["cover_machine"] == pytest.approx(cover.set_index("group").loc["A", "mean"])
    assert row["cover_corrected"] == pytest.approx(50 - 100 / 6)
    assert row["se"] == pytest.approx(100 * variance**0.5)
    assert (row["df"], row["units"], row["units_reviewed"], row["images_reviewed"], row["points_reviewed"]) == (
        2, 4, 3, 3, 12,
    )  # fmt: skip
    assert row["method"] == "difference estimator"
    assert row["points_of_class"] == 6
    assert row["warning"] == "6 audited points of this class, fewer than 10: what corrects it is mostly chance"
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


def test_an_interval_that_errors_which_nobody_saw_make_wide_says_so() -> None:
    """The machine never errs. Of three sites of ten that tells little of the others, of all of them everything."""
    codes = [[*"AAAA" + "AB"[site % 2], *"B" * 15] for site in range(10)]
    plan = plan_of([(str(site),) for site in range(10)], ("site",), SITE, 20)

    some, all_ = (
        of(result(plan, codes, codes, audit_of(dict.fromkeys(range(sites), 1.0), 20, sites / 10))[1], "A")
        for sites in (3, 10)
    )

    said = "errors that the audit did not see are counted as possible: reviewing more narrows"
    assert some["warning"] == f"the interval is wide because {said} it"
    assert some["hi"] - some["lo"] > 2 * (all_["hi"] - all_["lo"])
    assert all_["warning"] == ""
    other = {**some, "group": "B", "warning": f"{some['warning']}; 2 points are not reviewed"}
    few = {**some, "group": "C", "points_of_class": 3, "warning": "2 points are not reviewed"}
    both = {**few, "group": "D", "warning": warning(3, ["2 points are not reviewed"], is_unseen=True)}
    assert warnings_of([some, all_, other, few, both]) == [
        "fewer than 10 audited points of C (3), D (3): what corrects these is mostly chance",
        f"the intervals of A, B, D are wide because {said} them",
        "2 points are not reviewed",
    ]


def test_a_class_that_the_machine_names_nowhere_has_no_errors_that_nobody_saw() -> None:
    """Half of ten sites is reviewed: nothing can have been taken for C, which the machine names nowhere."""
    machine = [list("A" * 10 + "B" * 10)] * 10
    human = [list("A" * 9 + "C" + "B" * 10), list("A" * 7 + "CCC" + "B" * 10)] * 5
    plan = plan_of([(str(site),) for site in range(10)], ("site",), SITE, 20)
    row = of(result(plan, human, machine, audit_of(dict.fromkeys(range(5), 1.0), 20, 0.5))[1], "C")
    assert (row["cover_machine"], row["warning"]) == (
        0,
        "9 audited points of this class, fewer than 10: what corrects it is mostly chance",
    )
    assert 0 < row["lo"] < 9 < row["hi"]


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
    assert row["method"] == "difference estimator; no interval: n = 1"


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
    assert whole["df"] == pytest.approx(1)  # two sites in three of four parts of the area


def both_depths(human: dict[str, str], machine: dict[str, str], audited: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sites at two depths, three of four of the area deep: their labels by site, deep ones first; which are audited."""
    analysis = Analysis(design=Design(unit="site", strata_field="depth"), areas={"deep": 3.0, "shallow": 1.0})
    metadata = [(site, depth) for site in machine for depth in ("deep", "shallow")]
    plan = plan_of(metadata, ("site", "depth"), analysis, 2)
    labels = [[list(code) for codes in side.values() for code in codes.split()] for side in (human, machine)]
    at = {n: 1.0 for n, (site, _) in enumerate(metadata) if site in audited}
    return result(plan, labels[0], labels[1], audit_of(at, 2, len(audited) / len(machine)))


def test_with_everything_reviewed_and_nothing_to_correct_the_error_is_covers_own() -> None:
    said = {"a": "AA AA", "b": "AB AB", "c": "BB AB", "d": "AB BB"}
    cover, frame = both_depths(said, said, "abcd")
    own, row = cover.set_index("group").loc["A"], of(frame, "A")
    assert (row["correction"], row["correction_se"]) == (0, 0)
    assert [row[name] for name in ("se", "df", "lo", "hi")] == pytest.approx(
        [own[name] for name in ("se", "df", "lo", "hi")]
    )
    assert (row["units"], row["units_reviewed"]) == (own["units"], 4)


def test_a_site_in_two_strata_is_one_unit_in_every_term() -> None:
    """Everything by hand: m and d of a site are those of its depths, weighted by their areas."""
    human = {"a": "AA AA", "b": "BB AB", "c": "AB BB", "d": "BB BB"}
    machine = {"a": "AB AB", "b": "AB AB", "c": "BB BB", "d": "AA AB"}
    frame = both_depths(human, machine, "abc")[1]
    m = np.array([0.5, 0.5, 0.0, 0.75 * 1 + 0.25 * 0.5])
    d = np.array([0.5, -0.75 * 0.5, 0.75 * 0.5])
    shared = np.cov(m[:3], d)[0, 1]
    row = of(frame, "A")
    assert row["cover_corrected"] == pytest.approx(100 * (m.mean() + d.mean()))
    assert row["correction_se"] == pytest.approx(100 * (d.var(ddof=1) / 3) ** 0.5)
    assert row["se"] == pytest.approx(100 * (d.var(ddof=1) / 3 + m.var(ddof=1) / 4 + 2 * shared / 4) ** 0.5)
    assert (row["df"], row["units"], row["units_reviewed"]) == (2, 4, 3)


def test_a_site_that_is_reviewed_at_one_depth_alone_is_a_unit_of_that_stratum() -> None:
    analysis = Analysis(design=Design(unit="site", strata_field="depth"))
    plan = plan_of([(s, d) for d in ("deep", "shallow") for s in "abcd"], ("site", "depth"), analysis, 2)
    machine, human = [list("AB")] * 8, [list("AA"), *[list("AB")] * 5, list("BB"), list("AB")]
    row = of(result(plan, human, machine, audit_of({0: 1, 1: 1, 6: 1, 7: 1}, 2, 0.5))[1], "A")
    assert row["correction_se"] == pytest.approx(100 * (2 * (0.5**2 * np.var([0.5, 0.0], ddof=1) / 2)) ** 0.5)
    assert (row["df"], row["units"], row["units_reviewed"]) == (2, 4, 4)


def test_a_correction_is_of_no_more_of_the_area_than_the_cover_that_it_corrects() -> None:
    analysis = Analysis(design=Design(unit="site", strata_field="depth"), areas={"deep": 9.0, "shallow": 1.0})
    plan = plan_of([("a", "deep"), ("b", "shallow"), ("c", "shallow")], ("site", "depth"), analysis, 2)
    labels: list[list[str]] = [[], list("AB"), list("AA")]  # nothing of the first: it failed
    scope = "of 10 % of the area: no photo used in `deep`"
    cover, frame = result(plan, labels, labels, audit_of({1: 1.0, 2: 1.0}, 2))
    assert cover.set_index("group").loc["A", "method"] == f"Korn-Graubard; {scope}"
    assert of(frame, "A")["method"] == f"difference estimator; {scope}"
    assert of(frame, "A", "shallow")["method"] == "difference estimator"
    one = result(plan, labels, labels, audit_of({1: 1.0}, 2))[1]
    assert of(one, "A")["method"] == f"difference estimator; no interval: n = 1; {scope}"


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


def test_a_correction_above_the_whole_is_cut_and_mirrors_the_rest() -> None:
    machine = [list("BAAA"), list("AAAA"), list("AAAA"), list("AAAA")]
    plan = plan_of([("a",), ("b",), ("c",), ("d",)], ("site",), SITE, 4)
    frame = result(plan, [list("AAAA")] * 4, machine, audit_of({0: 0.5, 1: 0.5}, 4, 0.5))[1]
    everything, nothing = of(frame, "A"), of(frame, "B")
    assert (everything["cover_corrected"], everything["hi"], nothing["cover_corrected"]) == (100, 100, 0)
    assert 0 < everything["lo"] == pytest.approx(100 - nothing["hi"])


def test_a_class_nobody_has_seen_has_the_limit_of_as_many_points_as_units() -> None:
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


def test_corrected_cover_of_several_years_has_no_interval_either() -> None:
    plan = plan_of([("a", "2008"), ("a", "2010"), ("b", "2008"), ("c", "2010")], ("site", "year"), SITE, 4)
    sides = [list("AABB"), list("ABBB"), list("AAAB"), list("AABB")]
    _, frame = result(plan, sides[::-1], sides, audit_of({0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}, 4))
    row = of(frame, "A")
    assert row["cover_corrected"] >= 0 and np.isnan([row["se"], row["lo"], row["hi"]]).all()
    assert "span more than a year (2008-01-01 to 2010-12-31)" in row["method"]


YEARLY = Analysis(design=Design(unit="site", occasion="year"))


def yearly(metadata: list[tuple[str, str]], analysis: Analysis = YEARLY) -> Plan:
    return plan_of(metadata, ("site", "year"), analysis, 4)


def test_each_visit_is_corrected_as_if_it_were_a_survey_of_its_own() -> None:
    visits = [(site, year) for year in ("2008", "2010") for site in "abc"]
    machine = [list(codes) for codes in ("AABB", "ABBB", "AAAB", "AABB", "BBBB", "AAAA")]
    human = [list(codes) for codes in ("ABBB", "ABBB", "AABB", "AAAB", "BBBB", "AAAA")]
    _, frame = result(yearly(visits), human, machine, audit_of(dict.fromkeys(range(6), 1.0), 4))
    assert list(frame.columns) == ["year", *COLUMNS]
    for year, part in (("2008", slice(0, 3)), ("2010", slice(3, 6))):
        alone = result(
            yearly(visits[part], SITE), human[part], machine[part], audit_of(dict.fromkeys(range(3), 1.0), 4)
        )[1]
        told = frame[frame["year"] == year][list(COLUMNS)].reset_index(drop=True)
        pd.testing.assert_frame_equal(told.drop(columns="weighting"), alone.drop(columns="weighting"))


def test_on_a_visit_units_weigh_what_their_reviewed_points_stand_for() -> None:
    """Half of the photos are audited, whatever the year: site a has two of its two of 2008, b one of two, c none."""
    metadata = [("a", "2008"), ("a", "2008"), ("b", "2008"), ("b", "2008"), ("c", "2008"), ("c", "2010"), ("c", "2010")]
    machine = [list("AABB")] * 7
    human = [list("ABBB"), list("ABBB"), list("AABB"), list("AABB"), *[list("AABB")] * 3]
    _, frame = result(yearly(metadata), human, machine, audit_of({0: 0.5, 1: 0.5, 2: 0.5, 5: 0.5}, 4))
    row = of(frame[frame["year"] == "2008"], "A")
    # a stands for 4 photos of its 2, b for 2 of its 2: d is -25 at a and 0 at b, weighed 2 to 1
    assert row["cover_corrected"] == pytest.approx(50 - 25 * 2 / 3)
    assert (row["units"], row["units_reviewed"]) == (3, 2)
    assert row["weighting"].endswith("; reviewed units by how many of their points those reviewed stand for")
    late = of(frame[frame["year"] == "2010"], "A")
    assert late["method"] == "difference estimator; no interval: n = 1"


def test_a_visit_of_which_nothing_is_reviewed_has_no_corrected_cover() -> None:
    visits = [(site, year) for year in ("2008", "2010") for site in "ab"]
    labels = [list("AABB")] * 4
    _, frame = result(yearly(visits), labels, labels, audit_of({0: 1.0, 1: 1.0}, 4))
    row = of(frame[frame["year"] == "2010"], "A")
    assert (row["cover_machine"], row["method"]) == (50, "difference estimator; no interval: no unit is reviewed")
    assert np.isnan(row["cover_corrected"])
