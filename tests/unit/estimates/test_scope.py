"""A mean over strata says of what part of the area it is, wherever a stratum that it should stand for is not in it."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.cover.samples import photo, reader
from tests.unit.cover.test_reader import row

from coralrun.spec.model import POOL, CoverOptions, Design

BY_AREA = Design(unit="site", levels=("site",), strata_field="habitat", areas="areas.csv")


def test_a_stratum_without_a_used_photo_is_named_where_its_mean_would_be() -> None:
    photos = [
        photo("fore a 2007", "coral*3 sand"), photo("fore b 2007", "coral sand*3"), photo("fore b 2008", "sand"),
        photo("back a 2007", ""), photo("back d 2007", "shadow*4"), photo("fore c 2008", "coral"),
    ]  # fmt: skip
    fields, areas, options = ("habitat", "site", "year"), {"fore": 1, "back": 9}, CoverOptions(unusable=("shadow",))
    read = reader(photos, fields, replace(BY_AREA, occasion=POOL), options, areas=areas)
    of_part = "of 10 % of the area: no photo used in `back`"
    cover = read.cover()
    whole = row(cover.overall, "coral")
    assert (whole["method"], whole["area_weight"]) == (f"Korn-Graubard; {of_part}", 0.1)
    assert cover.notes[-1] == (
        "No photo is used in stratum `back`, 90 % of the area: what is said of the whole survey is of 10 % of the area "
        "alone"
    )
    assert row(cover.strata, "coral", habitat="fore")["method"] == "Korn-Graubard"
    assert row(cover.strata, "coral", habitat="back")["method"] == "no interval: no image is used"
    assert row(cover.units, "coral", site="a")["method"] == f"no interval: n = 1; {of_part}"
    assert row(cover.units, "coral", site="b")["method"] == "no interval: n = 1"
    years = read.by(["year"])
    assert [row(years, "coral", year=year)["method"] for year in ("2007", "2008")] == [
        f"Korn-Graubard; {of_part}", "Korn-Graubard",
    ]  # fmt: skip


def test_a_stratum_with_an_area_and_no_photo_is_missing_from_the_whole() -> None:
    photos = [photo(f"fore {site}", "coral sand") for site in "ab"]
    cover = reader(photos, ("habitat", "site"), BY_AREA, areas={"fore": 2, "back": 1, "lagoon": 1}).cover()
    whole = row(cover.overall, "coral")
    assert whole["method"] == "Korn-Graubard; of 50 % of the area: no photo used in `back` and `lagoon`"
    assert whole["area_weight"] == 0.5
    assert row(cover.strata, "coral", habitat="fore")["method"] == "Korn-Graubard"
    assert set(cover.strata["habitat"]) == {"fore"}


def test_without_areas_strata_that_are_missing_are_counted() -> None:
    photos = [photo("fore a", "coral sand"), photo("fore b", "coral"), photo("back c", ""), photo("- d", "sand")]
    cover = reader(photos, ("habitat", "site"), Design(unit="site", strata_field="habitat")).cover()
    whole = row(cover.overall, "coral")
    assert (whole["method"], whole["area_weight"]) == (
        "Korn-Graubard; of 1 of 2 strata: no photo used in `back`", 0.5,
    )  # fmt: skip
    assert cover.notes[-1] == (
        "No photo is used in stratum `back`, 1 of 2 strata: what is said of the whole survey is of 1 of 2 strata alone"
    )


def test_a_stratum_without_a_name_is_no_part_of_the_area() -> None:
    photos = [photo("fore a", "coral sand"), photo("fore b", "coral"), photo("- d", "sand")]
    cover = reader(photos, ("habitat", "site"), Design(unit="site", strata_field="habitat")).cover()
    assert (row(cover.overall, "coral")["method"], row(cover.overall, "coral")["area_weight"]) == ("Korn-Graubard", 1)


def test_many_missing_strata_are_counted_and_the_first_named() -> None:
    areas = dict.fromkeys("abcdefg", 0.001) | {"fore": 100}
    cover = reader([photo("fore 1", "coral"), photo("fore 2", "sand")], ("habitat", "site"), BY_AREA, areas=areas)
    assert row(cover.by(()), "coral")["method"].endswith(
        "; of more than 99.9 % of the area: no photo used in `a`, `b`, `c`, `d`, `e` and 2 more"
    )
