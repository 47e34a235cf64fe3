"""Units within a site: one name at several sites, and what gives an interval for each site."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.planning.design import design_listings
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Listing
from coralrun.planning.nested_units import single_unit_notes
from coralrun.spec.model import Design


def listed(design: Design, fields: tuple[str, ...], *rows: tuple[str, ...]) -> list[Listing]:
    images = tuple(
        PlannedImage(key=f"{at}", source="s", name=f"{at}.jpg", points=1, metadata=row) for at, row in enumerate(rows)
    )
    plan = replace(PLAN, images=images, fields=fields, analysis=Analysis(design=design))
    return [listing for listing in design_listings(plan) if "more than one" in listing.what]


def test_transects_of_one_name_at_several_sites_are_listed_with_what_to_say() -> None:
    rows = (("Pass", "T1"), ("Lagoon", "T1"), ("Lagoon", "T2"), ("", "T2"), ("Pass", "T3"), ("Pass", "T3"))
    found = listed(Design(unit="Transect no"), ("Site name", "Transect no"), *rows)
    assert [listing.names for listing in found] == [("T1",)]
    assert "`design: {unit: Transect no, levels: [Site name, Transect no]}`" in found[0].what


@pytest.mark.parametrize(
    ("design", "fields"),
    [
        (Design(unit="transect", levels=("site", "transect")), ("site", "transect")),
        (Design(unit="island"), ("site", "island")),  # what is wider than a site has several
        (Design(unit="transect"), ("depth", "transect")),
        (Design(unit="image"), ("site", "transect")),
        (Design(), ("site", "transect")),
    ],
)
def test_units_that_are_known_by_their_site_or_wider_are_not_listed(design: Design, fields: tuple[str, ...]) -> None:
    assert not listed(design, fields, ("a", "1"), ("b", "1"))


def test_cover_by_the_unit_says_what_would_give_each_an_interval() -> None:
    design, fields = Design(unit="Site"), ("Site", "Line", "Transect")
    (note,) = single_unit_notes(design, fields, ["Site"])
    assert "`design: {unit: Transect, levels: [Site, Transect], strata: {field: Site}}`" in note
    (note,) = single_unit_notes(design, ("Site",), ["Site"])
    assert "`design: {unit: image, strata: {field: Site}}`" in note
    assert not list(single_unit_notes(design, fields, ["Depth"]))
    assert not list(single_unit_notes(Design(unit="image"), fields, ["Site"]))
