"""Cover says what was seen, how certain that is, and what it rests on; and nothing where nothing can be said."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.cover.samples import photo, reader

from coralrun.cover.rows import COVER_COLUMNS
from coralrun.errors import UsageError
from coralrun.estimates.intervals import korn_graubard
from coralrun.planning.model import UnitWeights
from coralrun.sources.groups_table import read_groups
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Chosen, CoverOptions, Design

SITE = Design(unit="site", levels=("site",))
GROUPS = LabelGroups(
    name="lab",
    title="",
    date="2026-11-22",
    source="",
    levels=("category", "subcategory"),
    groups=(
        Group(path=("Hard coral",), labels=(1,), live=True),
        Group(path=("Algae", "Turf"), labels=(2,), live=True),
        Group(path=("Abiotic", "Sand"), labels=(3,), live=False),
        Group(path=("Not reef",), labels=(4,), usable=False),
        Group(path=("Seagrass",), labels=(), live=True),
    ),
)


def row(frame: pd.DataFrame, group: str, **where: str) -> dict[str, Any]:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    found = frame[frame["group"] == group].to_dict("records")
    assert len(found) == 1, found
    return {str(key): value for key, value in found[0].items()}


def test_usable_points_are_pooled_within_a_unit_and_units_weigh_the_same() -> None:
    photos = [photo("a", "coral*3 sand"), photo("a", "sand*4"), photo("b", "coral"), photo("b", "sand*3")]
    overall = row(reader(photos, ("site",), SITE).cover().overall, "coral")
    assert overall["mean"] == pytest.approx(100 * (3 / 8 + 1 / 4) / 2)
    assert overall["se"] == pytest.approx(100 * abs(3 / 8 - 1 / 4) / 2)
    assert (overall["df"], overall["units"], overall["points_usable"], overall["points_seen"]) == (1, 2, 12, 4)
    lo, hi = korn_graubard(overall["mean"] / 100, overall["se"] / 100, 1, 1 / (0.25 / 8 + 0.25 / 4))
    assert (overall["lo"], overall["hi"]) == (pytest.approx(100 * lo), pytest.approx(100 * hi))
    assert overall["method"] == "Korn-Graubard"


def test_without_a_design_unit_there_are_means_and_the_reason_why_no_interval() -> None:
    cover = reader([photo("a", "coral sand"), photo("b", "sand*2")], ("site",)).cover()
    overall = row(cover.overall, "coral")
    assert overall["mean"] == 25
    assert isnan(overall["se"]) and isnan(overall["lo"]) and isnan(overall["hi"])
    assert overall["method"] == "no interval: the survey names no design unit"
    assert cover.notes == (
        "The survey names no design unit, so there are means and no intervals: photos of one site are not independent "
        "of each other. Name what was chosen independently: design: {unit: site}",
    )
    assert cover.units.empty


def test_one_unit_gives_a_mean_and_no_interval() -> None:
    cover = reader([photo("a", "coral sand"), photo("a", "sand*2")], ("site",), SITE).cover()
    assert row(cover.overall, "coral")["method"] == "no interval: n = 1"
    assert row(cover.units, "coral", site="a")["mean"] == 25


def test_strata_weigh_by_their_areas() -> None:
    photos = [photo(f"{stratum} {site}", words) for stratum, site, words in (
        ("fore", "a", "coral*3 sand"), ("fore", "b", "coral sand*3"),
        ("back", "c", "sand*4"), ("back", "d", "coral sand*3"), ("back", "e", "coral*2 sand*2"),
    )]  # fmt: skip
    design = Design(unit="site", levels=("site",), strata_field="habitat", areas="areas.csv")
    cover = reader(photos, ("habitat", "site"), design, areas={"fore": 3, "back": 1}).cover()
    overall = row(cover.overall, "coral")
    assert overall["mean"] == pytest.approx(100 * (0.75 * 0.5 + 0.25 * 0.25))
    fore, back = np.var([0.75, 0.25], ddof=1), np.var([0, 0.25, 0.5], ddof=1)
    assert overall["se"] == pytest.approx(100 * sqrt(0.75**2 * fore / 2 + 0.25**2 * back / 3))
    assert overall["weighting"] == "areas of the strata"
    large, small = 0.75**2 * fore / 2, 0.25**2 * back / 3
    assert overall["df"] == pytest.approx((large + small) ** 2 / (large**2 / 1 + small**2 / 2))  # less than 1 + 2
    assert row(cover.strata, "coral", habitat="fore")["area_weight"] == 0.75
    assert row(cover.strata, "coral", habitat="back")["mean"] == pytest.approx(25)


def test_what_two_strata_share_of_a_unit_is_in_the_standard_error() -> None:
    cover = {"a": (0.75, 0.5), "b": (0.25, 0.25), "c": (0.0, 0.0)}
    photos = [
        photo(f"{site} {depth}", " ".join(["coral"] * int(4 * share) + ["sand"] * int(4 - 4 * share)))
        for site, shares in cover.items()
        for depth, share in zip(("deep", "shallow"), shares, strict=True)
    ]
    design = Design(unit="site", levels=("site",), strata_field="depth", areas="areas.csv")
    areas = {"deep": 3, "shallow": 1}
    overall = row(reader(photos, ("site", "depth"), design, areas=areas).cover().overall, "coral")
    of_sites = [0.75 * deep + 0.25 * shallow for deep, shallow in cover.values()]
    assert overall["mean"] == pytest.approx(100 * np.mean(of_sites))
    assert overall["se"] == pytest.approx(100 * np.std(of_sites, ddof=1) / sqrt(3))
    assert (overall["units"], overall["df"]) == (3, 2)
    nested = Design(unit="site", levels=("depth", "site"), strata_field="depth", areas="areas.csv")
    apart = row(reader(photos, ("site", "depth"), nested, areas=areas).cover().overall, "coral")
    assert apart["units"] == 6
    assert 2 < apart["df"] < 2.5  # three sites at the depth that has most of the area
    assert apart["se"] < overall["se"]


def test_strata_without_areas_weigh_the_same_and_it_is_said() -> None:
    photos = [
        photo("fore a", "coral*4"),
        photo("fore b", "coral*4"),
        photo("back c", "sand*4"),
        photo("back d", "sand*4"),
    ]
    design = Design(unit="site", levels=("site",), strata_field="habitat")
    cover = reader(photos, ("habitat", "site"), design).cover()
    assert row(cover.overall, "coral")["mean"] == 50
    assert row(cover.overall, "coral")["weighting"] == "strata weigh the same: no areas are given"
    assert any("weigh the same" in note for note in cover.notes)


def test_a_stratum_with_one_unit_leaves_the_whole_without_an_interval() -> None:
    photos = [photo("fore a", "coral*4"), photo("back c", "sand*4"), photo("back d", "sand*3 coral")]
    design = Design(unit="site", levels=("site",), strata_field="habitat")
    cover = reader(photos, ("habitat", "site"), design).cover()
    assert row(cover.overall, "coral")["method"] == "no interval: n = 1 in stratum `fore`"
    assert row(cover.strata, "coral", habitat="back")["method"] == "Korn-Graubard"


def test_photos_whose_stratum_is_not_known_are_no_row_beside_the_whole() -> None:
    photos = [photo(f"{site} {at}", "coral sand") for site in "ab" for at in "12"]
    photos.append(photo("- 1", "coral sand"))
    design = Design(unit="transect", levels=("site", "transect"), strata_field="site")
    cover = reader(photos, ("site", "transect"), design).cover()
    assert set(cover.strata["site"]) == {"a", "b"}
    assert row(cover.overall, "coral")["images_planned"] == 5


def test_a_transect_is_known_by_its_site_too() -> None:
    photos = [photo(f"{site} {transect}", "coral sand") for site in "ab" for transect in "12"]
    design = Design(unit="transect", levels=("site", "transect", "image"))
    cover = reader(photos, ("site", "transect"), design).cover()
    assert row(cover.overall, "coral")["units"] == 4
    assert list(cover.units.columns[:2]) == ["site", "transect"]


def test_a_label_that_was_never_seen_gets_an_upper_limit_and_how_much_was_searched() -> None:
    photos = [photo(site, f"coral*{n} sand*{20 - n}") for site, n in zip("abcde", (4, 9, 2, 12, 6), strict=True)]
    cover = reader(photos, ("site",), SITE, groups=GROUPS).cover()
    absent = row(cover.overall, "Seagrass", grouping="category")
    assert (absent["mean"], absent["lo"]) == (0, 0)
    assert absent["method"] == "Korn-Graubard; not seen in 5 units, 100 points"
    assert absent["hi"] == pytest.approx(100 * (1 - 0.025 ** (1 / 5)))  # Clopper and Pearson's of 0 in 5


def test_one_stray_label_leaves_the_limit_of_an_unseen_class() -> None:
    """Six sites of 100 points of sand: what a stray point of algae says of seagrass is nothing."""
    limits = []
    for stray in ("", " algae"):
        photos = [photo(site, "sand*100") for site in "abcde"] + [photo("f", f"sand*{100 - len(stray.split())}{stray}")]
        cover = reader(photos, ("site",), SITE, groups=GROUPS).cover()
        limits.append(row(cover.overall, "Seagrass", grouping="category")["hi"])
    assert limits == [pytest.approx(100 * (1 - 0.025 ** (1 / 6)))] * 2


def test_unusable_points_leave_the_denominator_and_are_counted() -> None:
    photos = [photo("a", "coral*2 sand*2 shadow*4"), photo("b", "sand*4")]
    for options, groups in (
        (CoverOptions(unusable=("shadow",)), None),
        (CoverOptions(unusable=("4",)), None),
        (None, GROUPS),
    ):
        cover = reader(photos, ("site",), SITE, options, groups=groups).cover()
        overall = row(cover.overall, "coral")
        assert (overall["mean"], overall["points_usable"], overall["points_unusable"]) == (25, 8, 4)
        assert "shadow" not in set(cover.overall["group"])
        assert overall["coralnet_all_images"] == 100 * (2 / 8 + 0) / 2


def test_unclear_points_stay_as_a_class_of_their_own() -> None:
    photos = [photo("a", "coral*2 unknown*2"), photo("b", "sand*4")]
    cover = reader(photos, ("site",), SITE, CoverOptions(unclear=("unknown",)), groups=GROUPS).cover()
    assert row(cover.overall, "Unclear", grouping="category")["mean"] == 25
    assert row(cover.overall, "unknown", grouping="label")["mean"] == 25


def test_a_photo_with_just_enough_usable_points_is_used() -> None:
    photos = [photo("a", f"coral*{usable} shadow*{20 - usable}") for usable in (10, 11)]
    for least, used in ((0.55, 1), (0.5, 2)):  # 0.55 x 20 is a little more than 11 in floating point
        options = CoverOptions(unusable=("shadow",), min_usable_points=least)
        overall = reader(photos, ("site",), SITE, options).cover().overall
        assert row(overall, "coral")["images_used"] == used


def test_unassigned_points_stay_in_the_denominator_and_bound_every_class() -> None:
    photos = [photo("a", "coral*2 sand*2"), photo("b", "coral*4", score=0.3)]
    overall = row(reader(photos, ("site",), SITE, CoverOptions(min_confidence=0.5)).cover().overall, "coral")
    assert (overall["mean"], overall["unassigned"], overall["mean_with_unassigned"]) == (25, 50, 75)


def test_a_least_confidence_changes_nothing_of_what_coralnet_calls_all_images() -> None:
    photos = [photo("a", "coral*4", score=0.4), photo("b", "coral*2 sand*2")]
    for options in (CoverOptions(min_confidence=0.5), CoverOptions()):
        for grouping in ("label", "category"):
            overall = reader(photos, ("site",), SITE, options, groups=GROUPS).cover().overall
            coral = row(overall, "coral" if grouping == "label" else "Hard coral", grouping=grouping)
            assert coral["coralnet_all_images"] == 75
    assert coral["mean"] == 75


def test_a_point_of_an_unusable_label_that_the_machine_is_unsure_of_is_unassigned() -> None:
    photos = [photo("a", "shadow*4 coral*4", score=0.4), photo("b", "coral*2 sand*2")]
    options = CoverOptions(min_confidence=0.5, unusable=("shadow",))
    overall = row(reader(photos, ("site",), SITE, options).cover().overall, "coral")
    assert (overall["points_usable"], overall["points_unusable"], overall["unassigned"]) == (12, 0, 50)


def test_every_image_that_was_planned_is_used_failed_dropped_or_pending() -> None:
    photos = [
        photo("a", "coral sand"), photo("a", "coral shadow*9"), photo("b", ""), photo("b", "sand*2"),
        photo("-", "sand*2"), photo("c", ""), photo("c", "shadow*3"),
    ]  # fmt: skip
    options = CoverOptions(unusable=("shadow",), min_usable_points=0.8)
    cover = reader(photos, ("site",), SITE, options, pending=(5,)).cover()
    said = row(cover.overall, "coral")
    assert [said[f"images_{fate}"] for fate in ("planned", "used", "failed", "dropped", "pending")] == [7, 2, 1, 3, 1]
    fates = cover.images.drop_duplicates("name")["fate"].tolist()
    assert fates == [
        "used", "dropped: too few usable points", "failed", "used", "dropped: no unit or stratum", "pending",
        "dropped: too few usable points",
    ]  # fmt: skip
    assert row(cover.units, "coral", site="c")["method"] == "no interval: no image is used"


def test_inclusion_probabilities_that_differ_within_a_unit_weigh_its_images() -> None:
    photos = [photo("a", "coral*4", inclusion=0.1), photo("a", "sand*4", inclusion=0.5), photo("b", "sand*4")]
    units = reader(photos, ("site",), SITE).cover().units
    assert row(units, "coral", site="a")["mean"] == pytest.approx(100 * 10 / (10 + 2))


BY_SITE = [
    photo("large 1", "coral*4", inclusion=0.1), photo("large 2", "sand*4", inclusion=0.1),
    photo("small 1", "sand*4", inclusion=0.5), photo("small 1", "coral sand*3", inclusion=0.5),
]  # fmt: skip
"""Two photos of each site, of 20 and of 4; of transects 1 and 2 of the large one, and of one transect of the small."""


def test_units_weigh_what_their_photos_stand_for_in_a_wider_draw() -> None:
    transect = Design(unit="transect", levels=("site", "transect"))
    cover = reader(BY_SITE, ("site", "transect"), transect, drawn_by="site").cover()
    overall = row(cover.overall, "coral")
    shares, weights = np.array([1, 0, 1 / 8]), np.array([10, 10, 2 + 2])
    mean = (weights * shares).sum() / weights.sum()
    assert overall["mean"] == pytest.approx(100 * mean)  # Hajek's: the mean of all 24 photos, as they are known
    parts = weights * (shares - mean) / weights.sum()
    assert overall["se"] == pytest.approx(100 * sqrt(3 / 2 * (parts**2).sum()))  # as R's svymean has it
    assert overall["weighting"] == "no strata; units by the photos that theirs stand for, drawn by site"
    assert any(note.startswith("Photos were drawn by `site` and the unit is `transect`") for note in cover.notes)


@pytest.mark.parametrize(
    "design",
    [
        Design(unit="site", levels=("site", "transect")),
        Design(unit="transect", levels=("site", "transect"), strata_field="site", areas="areas.csv"),
    ],
    ids=["the unit", "the strata"],
)
def test_units_count_alike_where_photos_were_drawn_by(design: Design) -> None:
    photos = [*BY_SITE, photo("small 2", "sand*4", inclusion=0.5)]
    cover = reader(photos, ("site", "transect"), design, areas={"large": 1, "small": 1}, drawn_by="site").cover()
    large, small = 1 / 2, (1 / 12 if design.unit == "site" else (1 / 8 + 0) / 2)
    assert row(cover.overall, "coral")["mean"] == pytest.approx(100 * (large + small) / 2)
    assert not any("drawn by" in note for note in cover.notes)


@pytest.mark.parametrize(
    "table", [None, UnitWeights("area", {"a": 10, "b": 30, "c": 5, "d": 7})], ids=["field", "table"]
)
def test_units_weigh_what_their_field_or_their_table_says(table: UnitWeights | None) -> None:
    photos = [
        photo("a 10", "coral*3 sand"),
        photo("a 10", "sand*4"),
        photo("b 30", "coral sand*3"),
        photo("c 5", "sand*4"),
    ]
    design = Design(unit="site", weights="area" if table is None else None)
    overall = row(reader(photos, ("site", "area"), design, unit_weights=table).cover().overall, "coral")
    shares, weights = np.array([3 / 8, 1 / 4, 0]), np.array([10, 30, 5])
    mean = (weights * shares).sum() / weights.sum()
    assert overall["mean"] == pytest.approx(100 * mean)
    parts = weights * (shares - mean) / weights.sum()
    assert overall["se"] == pytest.approx(100 * sqrt(3 / 2 * (parts**2).sum()))  # as R's svymean has it
    assert overall["weighting"] == "no strata; units by their area"


def test_a_unit_with_one_photo_leaves_its_stratum_without_a_finite_population() -> None:
    photos = [photo("1", "coral*3 sand*5"), photo("1", "coral*1 sand*3"), photo("2", "sand*4")]
    design = Design(unit="site", chosen=Chosen.RANDOM)
    few = reader(photos, ("site",), replace(design, units_in_all=3)).cover()
    many = reader(photos, ("site",), design).cover()
    assert row(few.overall, "coral")["se"] == row(many.overall, "coral")["se"]
    assert few.notes[-1].startswith("1 site has a single photo, which says nothing of how photos differ there")
    whole = reader([*photos, photo("2", "coral*1 sand*3")], ("site",), replace(design, units_in_all=3)).cover()
    assert row(whole.overall, "coral")["se"] < row(many.overall, "coral")["se"]
    assert "drawn from all that there are, 3 sites" in whole.notes[-1]
    assert row(whole.overall, "coral")["weighting"] == "no strata; units drawn from a known number of them"


def test_units_that_were_chosen_by_judgement_are_said_to_stand_for_nothing_else() -> None:
    photos = [photo("a", "coral sand"), photo("b", "sand*2")]
    judged, drawn = (
        reader(photos, ("site",), Design(unit="site", chosen=how)).cover() for how in (Chosen.JUDGEMENT, Chosen.RANDOM)
    )
    assert any("chosen by judgement" in note for note in judged.notes)
    assert not any("chosen" in note for note in drawn.notes)
    assert row(judged.overall, "coral") == row(drawn.overall, "coral")


def test_inclusion_probabilities_weigh_images_that_are_the_units() -> None:
    photos = [photo("", "coral*4", inclusion=0.25), photo("", "sand*4"), photo("", "sand*4")]
    cover = reader(photos, (), Design(unit="image")).cover()
    assert row(cover.overall, "coral")["mean"] == pytest.approx(100 * 4 / 6)
    assert any("too narrow" in note for note in cover.notes)


def test_the_interval_within_a_photo_is_wilsons_and_named_after_its_points() -> None:
    images = reader([photo("a", "coral*5 sand*15")], ("site",), SITE).cover().images
    coral = row(images, "coral")
    assert [round(coral[name], 2) for name in ("mean", "points_lo", "points_hi")] == [25, 11.19, 46.87]


def test_groups_sum_their_labels_at_every_level() -> None:
    photos = [photo("a", "coral algae sand*2"), photo("b", "coral*2 algae*2")]
    overall = reader(photos, ("site",), SITE, groups=GROUPS).cover().overall
    assert {key: row(overall, key, grouping="category")["mean"] for key in ("Hard coral", "Algae", "Abiotic")} == {
        "Hard coral": 37.5, "Algae": 37.5, "Abiotic": 25,
    }  # fmt: skip
    assert row(overall, "Algae / Turf", grouping="subcategory")["mean"] == 37.5
    assert row(overall, "live", grouping="live")["mean"] == 75


def test_groups_of_a_table_without_ids_sum_their_labels_by_code() -> None:
    groups = read_groups("lab.csv", b"Short Code,Category\nCORAL,Live\nalgae,Live\nsand,Bare\n")
    overall = reader([photo("a", "coral algae sand*2")], ("site",), SITE, groups=groups).cover().overall
    assert [row(overall, key, grouping="category")["mean"] for key in ("Live", "Bare")] == [50, 50]


def test_a_group_whose_labels_are_all_unusable_is_no_class() -> None:
    photos = [photo("a", "coral algae sand*2"), photo("b", "coral*2 algae*2")]
    for words in (("sand", "algae"), ("3", "2"), ("3", "algae")):
        cover = reader(photos, ("site",), SITE, CoverOptions(unusable=words), groups=GROUPS).cover()
        of_level = cover.overall[cover.overall["grouping"] == "category"]
        assert list(of_level["group"]) == ["Hard coral", "Seagrass"]


def test_a_label_that_is_in_no_group_is_an_error_that_names_it() -> None:
    with pytest.raises(UsageError, match="6  `sponge`  Sponge"):
        reader([photo("a", "sponge")], ("site",), SITE, groups=GROUPS)


def test_cover_by_a_field_has_a_row_for_every_class_in_every_value() -> None:
    photos = [photo(f"{year} {site}", "coral sand") for year in ("2007", "2008") for site in "abc"]
    frame = reader(photos, ("year", "site"), SITE).by(["year"])
    assert list(frame.columns) == ["year", *COVER_COLUMNS]
    assert frame.groupby("year").size().to_dict() == {"2007": 2, "2008": 2}
    assert set(frame["units"]) == {3}


def test_scores_stand_beside_points_and_what_no_score_names_is_a_row() -> None:
    diagnostics = reader([photo("a", "coral*3 sand", score=0.75)], ("site",), SITE).cover().diagnostics
    assert diagnostics[["label_code", "points", "share", "score_share"]].values.tolist() == [
        ["coral", 3, 75, 56.25], ["sand", 1, 25, 18.75], ["", 0, 0, 25],
    ]  # fmt: skip


def test_a_run_without_predictions_says_what_became_of_its_images() -> None:
    cover = reader([photo("a", ""), photo("b", "")], ("site",), SITE).cover()
    assert cover.overall.empty
    assert cover.images["fate"].tolist() == ["failed", "failed"]
    assert cover.notes == ("2 images have no predictions; cover takes such images to be like the others",)
