"""A design held against what is known of the images."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.errors import InvalidInput
from coralrun.planning.design import check_areas, check_unit_weights, check_weights, design_listings, spelt
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Listing, Plan, UnitWeights
from coralrun.spec.model import Design
from coralrun.spec.wording import Wording

FIELDS = ("Site", "habitat")


def images(*known: tuple[str, str]) -> tuple[PlannedImage, ...]:
    return tuple(
        PlannedImage(key=f"{index}", source="s", name=f"{index}.jpg", points=1, metadata=row)
        for index, row in enumerate(known)
    )


def planned(design: Design, *known: tuple[str, str], areas: dict[str, float] | None = None) -> Plan:
    return replace(
        PLAN,
        images=images(*known),
        fields=FIELDS,
        analysis=Analysis(design=design, areas=areas or {}),
    )


def test_the_occasion_is_a_field_or_the_year_of_the_date() -> None:
    words = Wording("survey.yaml")
    assert spelt(Design(occasion="HABITAT"), FIELDS, words).occasion == "habitat"
    assert spelt(Design(occasion="Year"), ("Site", "Date"), words).occasion == "year"
    assert spelt(Design(occasion="year"), ("Year", "Date"), words).occasion == "Year"
    assert spelt(Design(occasion="pool"), (), words).occasion == "pool"
    with pytest.raises(InvalidInput, match="`year`"):
        spelt(Design(occasion="year"), FIELDS, words)
    assert not list(design_listings(planned(spelt(Design(occasion="habitat"), FIELDS, words), ("a", "b"))))


def test_the_fields_of_a_design_are_spelt_as_the_metadata_spell_them() -> None:
    design = Design(unit="SITE", levels=("site", "Image"), strata_field="Habitat", areas="a.csv")
    assert spelt(design, FIELDS, Wording("survey.yaml")) == Design(
        unit="Site", levels=("Site", "image"), strata_field="habitat", areas="a.csv"
    )
    assert spelt(Design(), (), Wording("survey.yaml")) == Design()
    assert spelt(Design(unit="image"), (), Wording("survey.yaml")) == Design(unit="image")


def test_every_field_that_is_not_there_is_named_once() -> None:
    design = Design(unit="reef", levels=("reef", "Site", "image"), strata_field="zone")
    with pytest.raises(InvalidInput) as refused:
        spelt(design, FIELDS, Wording("survey.yaml"))
    assert str(refused.value) == (
        "survey.yaml: `design` names the field `reef`, and the images have: `Site`, `habitat`\n"
        "survey.yaml: `design` names the field `zone`, and the images have: `Site`, `habitat`"
    )
    with pytest.raises(InvalidInput) as refused:
        spelt(design, (), Wording("survey.yaml"))
    assert str(refused.value) == "\n".join(
        f"survey.yaml: `design` names the field `{field}`, and the images have: none"
        for field in ("reef", "Site", "zone")
    )


def test_every_unit_needs_one_weight_above_nothing() -> None:
    design, wording = Design(unit="Site", weights="habitat"), Wording("survey.yaml")
    check_weights(design, FIELDS, images(("N", "2.5"), ("N", "2.5"), ("S", "1"), ("", "")), wording)
    with pytest.raises(InvalidInput) as refused:
        check_weights(design, FIELDS, images(("N", "2"), ("N", "3"), ("S", "0"), ("E", ""), ("W", "1 ha")), wording)
    assert str(refused.value) == (
        "survey.yaml: the `habitat` of `N` is `2` (photo `0.jpg`) and `3` (photo `1.jpg`)\n"
        "survey.yaml: the `habitat` of `S` is `0`, which is no number above 0 (photo `2.jpg`)\n"
        "survey.yaml: the `habitat` of `E` is not known (photo `3.jpg`)\n"
        "survey.yaml: the `habitat` of `W` is `1 ha`, which is no number above 0 (photo `4.jpg`)"
    )


def test_every_unit_that_images_are_in_needs_a_weight_of_the_table() -> None:
    design, weights = Design(unit="Site", weights_table="sites.csv"), UnitWeights("area", {"North": 2, "South": 1})
    check_unit_weights(design, weights.weights, FIELDS, images(("North", ""), ("", "")))
    with pytest.raises(InvalidInput) as refused:
        check_unit_weights(design, weights.weights, FIELDS, images(("north", ""), ("East", ""), ("East", "")))
    assert str(refused.value) == (
        "sites.csv: there is no weight for the Site `north` (1 image); did you mean `North`?\n"
        "sites.csv: there is no weight for the Site `East` (2 images)"
    )
    plan = replace(
        PLAN, images=images(("North", "")), fields=FIELDS, analysis=Analysis(design=design, unit_weights=weights)
    )
    assert list(design_listings(plan)) == [Listing("units (`Site`) in sites.csv that no image is in", ("South",))]


def test_weights_need_a_unit_that_has_them() -> None:
    with pytest.raises(InvalidInput, match="`weights` needs a `unit`, which is what weighs"):
        check_weights(Design(weights="habitat"), FIELDS, images(("N", "2")), Wording("survey.yaml"))


def test_every_stratum_that_images_are_in_needs_an_area() -> None:
    design = Design(strata_field="habitat", areas="strata.csv")
    known = images(("N", "flat"), ("N", "slope"), ("N", "slope"), ("N", ""))
    with pytest.raises(InvalidInput) as refused:
        check_areas(design, {"flat": 1.0}, FIELDS, known)
    assert str(refused.value) == "strata.csv: there is no area for the habitat `slope` (2 images)"
    assert refused.value.remedy == "Give every stratum its area, spelt as the images' metadata spell it."
    check_areas(design, {"flat": 1.0, "slope": 2.0, "crest": 3.0}, FIELDS, known)
    check_areas(Design(strata_field="habitat"), {}, FIELDS, known)


def test_images_that_a_design_has_no_place_for_and_strata_without_images_are_listed() -> None:
    design = Design(unit="Site", levels=("Site", "image"), strata_field="habitat", areas="strata.csv")
    plan = planned(design, ("N", "flat"), ("", "flat"), ("S", ""), areas={"flat": 1.0, "crest": 2.0})
    assert list(design_listings(plan)) == [
        Listing("images whose `Site`, the unit of the design, is not known", ("1.jpg",)),
        Listing("images whose `habitat`, the stratum, is not known", ("2.jpg",)),
        Listing("values of `habitat` in strata.csv that no image has", ("crest",)),
    ]
    assert list(design_listings(dataclasses.replace(plan, analysis=Analysis()))) == []


def test_a_level_that_is_not_known_of_an_image_is_listed_too() -> None:
    plan = planned(Design(levels=("habitat", "Site", "image")), ("", "flat"))
    assert list(design_listings(plan)) == [
        Listing("images whose `Site`, a level of the design, is not known", ("0.jpg",)),
    ]
