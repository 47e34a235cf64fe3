"""Photos of one unit that were taken far apart: the dates are named, and years are not mixed unasked."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from tests.unit.cover.samples import Photo, photo, reader

from coralrun.cover.reader import Reader
from coralrun.cover.tables import overall
from coralrun.cover.text import cover_lines
from coralrun.planning.model import Analysis
from coralrun.report.cover import cover_of
from coralrun.spec.model import POOL, Design

SITE = Design(unit="site")


def visited(first: str, last: str, design: Design = SITE, fields: tuple[str, ...] = ("site", "Date")) -> Reader:
    """Two sites, of which one was photographed twice."""
    photos: list[Photo] = [
        photo(f"a {first}", "coral*2 sand*2"),
        photo(f"a {last}", "coral sand*3"),
        photo(f"b {first}", "coral*3 sand"),
    ]
    return reader(photos, fields, design)


def rows(found: Reader, *by: str) -> list[dict[str, Any]]:
    frame = found.by(by)
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def coral(found: Reader, *by: str) -> list[dict[str, Any]]:
    return [row for row in rows(found, *by) if row["group"] == "coral"]


@pytest.mark.parametrize(
    ("first", "last"), [("2008-05-01", "2008-07-29"), ("2008", "2008"), ("-", "2008"), ("2008-05-01", "5/2010")]
)
def test_dates_within_90_days_or_unknown_are_not_spoken_of(first: str, last: str) -> None:
    found = visited(first, last)
    assert not any("span" in note for note in found.notes)
    assert not isnan(coral(found)[0]["hi"])


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [("2008-05-01", "2008-07-31", "91"), ("2008-05-01", "2009-05-02", "366"), ("2008-05", "2008-08", "122")],
)
def test_dates_more_than_90_days_apart_are_named(first: str, last: str, days: str) -> None:
    found = visited(first, last)
    assert found.notes[0].startswith(f"Photos of one site span up to {days} days, of `a`: {first}")
    assert not isnan(coral(found)[0]["hi"])


@pytest.mark.parametrize(
    ("first", "last"), [("2008-05-01", "2009-05-03"), ("2008", "2009"), ("2008-05-01 10:00", "2010")]
)
def test_over_a_year_there_is_a_mean_and_no_interval(first: str, last: str) -> None:
    found = visited(first.replace(" ", "T"), last)
    (overall,) = coral(found)
    assert overall["mean"] == pytest.approx(100 * (3 / 8 + 3 / 4) / 2)
    assert isnan(overall["se"]) and isnan(overall["lo"]) and isnan(overall["hi"])
    assert overall["method"].startswith("no interval: photos of one unit span more than a year (2008-")
    assert all(said in found.notes[0] for said in ("design: {occasion: year}", "design: {occasion: pool}"))


def test_people_see_no_figure_of_several_years() -> None:
    found = visited("2008-05-01", "2010-06-01")
    said = "\n".join(cover_lines(rows(found), (), "site"))
    assert "no figure: photos of one unit span more than a year (2008-05-01 to 2010-06-01)" in said
    assert "coral" not in said


def test_by_year_each_year_has_its_interval() -> None:
    photos = [photo(f"{site} {year}", f"coral*{n} sand") for site, n in (("a", 1), ("b", 3)) for year in (2008, 2010)]
    found = reader(photos, ("site", "year"), SITE)
    assert [isnan(row["hi"]) for row in coral(found)] == [True]
    assert [isnan(row["hi"]) for row in coral(found, "year")] == [False, False]


def test_a_survey_may_pool_years_and_it_is_said() -> None:
    found = visited("2008-05-01", "2010-06-01", Design(unit="site", occasion=POOL))
    assert not isnan(coral(found)[0]["hi"])
    assert "2008-05-01 to 2010-06-01. They are pooled, because the survey says so" in found.notes[0]


@pytest.mark.parametrize("design", [Design(), Design(unit="image"), Design(unit="Date")])
def test_without_units_of_several_photos_dates_play_no_part(design: Design) -> None:
    assert visited("2008-05-01", "2010-06-01", design).sampled.across_years == ""


@pytest.mark.parametrize(("field", "occasion"), [("Date", "year"), ("trip", "trip")])
def test_cover_is_told_for_each_occasion_by_itself(field: str, occasion: str) -> None:
    photos = [
        photo(f"{site} {date}", f"coral*{n} sand")
        for site, n in (("a", 1), ("b", 3))
        for date in (("2008-05-01", "2010-06-01") if field == "Date" else ("first", "second"))
    ]
    found = reader(
        [*photos, photo("a -", "coral"), photo("b -", "sand")], ("site", field), Design(unit="site", occasion=occasion)
    )
    told = found.told_by(())
    told = told[told["group"] == "coral"]
    assert told[occasion].tolist() == (["", "2008", "2010"] if field == "Date" else ["", "first", "second"])
    assert told["units"].tolist() == [2, 2, 2]
    assert told["hi"].isna().tolist() == [True, False, False]
    assert told["method"].tolist()[0] == f"no interval: the {occasion} is not known"
    assert list(overall(found).columns[:2]) == [occasion, "stratum"]
    assert list(found.units().columns[:2]) == [occasion, "site"]
    assert not any("span" in note for note in found.notes)


def test_of_all_occasions_together_there_is_no_interval() -> None:
    found = visited("2008-05-01", "2008-06-01", Design(unit="site", occasion="year"))
    assert [row["method"] for row in coral(found)] == ["no interval: cover is told by year"]


def test_a_visit_names_the_strata_that_it_lacks() -> None:
    photos = [
        photo(f"{place} {year}", "coral sand") for place, year in (("in a", 1), ("in b", 1), ("out c", 2), ("out d", 2))
    ]
    design = Design(unit="site", strata_field="zone", occasion="trip")
    found = reader(photos, ("zone", "site", "trip"), design)
    told = found.told_by(())
    assert [method.partition("; ")[2] for method in told[told["group"] == "coral"]["method"]] == [
        "of 1 of 2 strata: no photo used in `out`",
        "of 1 of 2 strata: no photo used in `in`",
    ]
    assert list(overall(found).columns[:2]) == ["trip", "stratum"]


def test_a_report_has_an_estimate_for_each_occasion() -> None:
    photos = [photo(f"{site} {year}", f"coral*{n} sand") for site, n in (("a", 1), ("b", 3)) for year in (2008, 2010)]
    design = Design(unit="site", occasion="year")
    shown = cover_of(reader(photos, ("site", "year"), design), Analysis(design=design))
    assert shown is not None and shown.across_years == ""
    assert [(each.place, each.high is not None) for each in shown.occasions if each.what == "coral"] == [
        ("2008", True),
        ("2010", True),
    ]
    assert {(each.stratum, each.place) for each in shown.cells} == {(y, s) for y in ("2008", "2010") for s in "ab"}
