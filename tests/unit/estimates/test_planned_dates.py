"""Dates that lie too far apart are spoken of when a survey is planned, and not only when it is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.cover.samples import Photo, plan_of

from coralrun.estimates.planned_dates import date_listings
from coralrun.planning.model import Analysis
from coralrun.spec.model import Design

PHOTOS = [
    Photo((site, date))
    for site, date in (
        *(("a", "2008-05-01"), ("a", "2010-06-01"), ("b", "2008-05-01"), ("b", "2008-09-01")),
        *(("c", "2008-05-01"), ("c", "2008-05-02"), ("", "2008-05-01"), ("", "2012-05-01")),
    )
]


def said(design: Design) -> list[tuple[str, tuple[str, ...]]]:
    plan = replace(plan_of(PHOTOS, ("site", "date")), analysis=Analysis(design=design))
    return [(listing.what.partition(",")[0], listing.names) for listing in date_listings(plan)]


def test_units_whose_photos_lie_far_apart_are_listed() -> None:
    assert said(Design(unit="site")) == [
        ("units (`site`) whose photos span more than a year", ("a",)),
        ("units (`site`) whose photos span more than 90 days", ("b",)),
    ]


def test_with_an_occasion_only_photos_of_one_visit_are_held_together() -> None:
    (listing,) = said(Design(unit="site", occasion="year"))
    assert listing == ("units (`site`) whose photos span more than 90 days", ("b",))


@pytest.mark.parametrize("design", [Design(unit="site", occasion="pool"), Design(), Design(unit="image")])
def test_nothing_is_said_where_dates_play_no_part(design: Design) -> None:
    assert said(design) == []
