"""Diversity is of live machine labels, at one number of points, unit by unit."""

from __future__ import annotations

from math import comb, isnan

import numpy as np
import pandas as pd
import pytest
from tests.unit.cover.samples import Photo, photo, plan_of, reader

from coralrun.cover.diversity import diversity, encounter, rarefied
from coralrun.errors import UsageError
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design

GROUPS = LabelGroups(
    name="lab",
    title="",
    date="2026-11-22",
    source="",
    levels=("group",),
    groups=(Group(path=("Live",), labels=(1, 2), live=True), Group(path=("Bare",), labels=(3,), live=False)),
    duplicates=((6, 1),),
)


def table(photos: list[Photo], unit: str | None = "site", groups: LabelGroups | None = GROUPS) -> pd.DataFrame:
    found = reader(photos, ("site",), Design(unit=unit), groups=groups)
    return diversity(found.counts, plan_of(photos, ("site",)), found.sampled, found.classes)


def test_rarefaction_counts_what_fewer_points_would_show() -> None:
    seen = np.array([10, 5, 1])
    assert rarefied(seen, 16) == pytest.approx(3)
    assert rarefied(seen, 1) == pytest.approx(1)
    by_hand = sum(1 - comb(16 - seen, 4) / comb(16, 4) for seen in (10, 5, 1))
    assert rarefied(seen, 4) == pytest.approx(by_hand)


def test_encounter_is_the_chance_that_two_points_differ() -> None:
    assert encounter(np.array([5, 5])) == pytest.approx(2 * 5 / 10 * 5 / 9)
    assert encounter(np.array([7, 0])) == 0


def test_units_of_different_effort_are_compared_at_the_points_of_the_smallest() -> None:
    rows = table([photo("a", "coral*60 algae*20 sand*9"), photo("b", "coral*10 algae*10 sand*40")]).to_dict("records")
    assert [(row["live_points"], row["labels_seen"], row["rarefied_to"]) for row in rows] == [(80, 2, 20), (20, 2, 20)]
    assert rows[1]["labels_rarefied"] == pytest.approx(2)
    assert rows[0]["labels_rarefied"] < 2


def test_visits_to_a_unit_have_a_row_each() -> None:
    photos = [photo("a 2008", "coral*20"), photo("a 2010", "coral*10 algae*10"), photo("a 2010", "algae*20")]
    found = reader(photos, ("site", "year"), Design(unit="site", occasion="year"), groups=GROUPS)
    rows = diversity(found.counts, plan_of(photos, ("site", "year")), found.sampled, found.classes)
    assert rows[["year", "site", "labels_seen", "live_points"]].to_numpy().tolist() == [
        ["2008", "a", 1, 20],
        ["2010", "a", 2, 40],
    ]


def test_a_duplicate_is_no_second_label() -> None:
    assert table([photo("a", "coral*20 sponge*20")])["labels_seen"].tolist() == [1]


def test_a_unit_with_few_live_points_has_counts_only_and_pulls_no_other_down() -> None:
    rows = table([photo("a", "coral*15 algae*15"), photo("b", "coral*2 sand*40")]).to_dict("records")
    assert rows[0]["rarefied_to"] == 30
    assert pd.isna(rows[1]["rarefied_to"]) and isnan(rows[1]["labels_rarefied"])
    assert rows[1]["live_points"] == 2


def test_without_a_unit_or_without_knowing_what_is_alive_there_is_none() -> None:
    with pytest.raises(UsageError, match="by design unit"):
        table([photo("a", "coral*30")], unit=None)
    with pytest.raises(UsageError, match="live labels only"):
        table([photo("a", "coral*30")], groups=None)
