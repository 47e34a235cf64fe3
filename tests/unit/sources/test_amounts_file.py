"""The areas of strata, and the weights of units: what a table says, and what is wrong with one."""

from __future__ import annotations

import pytest

from coralrun.errors import InvalidInput
from coralrun.sources.amounts_file import read_areas, read_weights
from coralrun.spec.model import Metadata


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_areas("areas.csv", text.encode(), "habitat", Metadata())
    return str(refused.value)


def test_each_stratum_has_its_area_whatever_the_case_of_the_headings() -> None:
    text = "Habitat,note,AREA\nreef flat,x,12.5\nfore reef,,3e2\n"
    assert read_areas("areas.csv", text.encode(), "habitat", Metadata()) == {"reef flat": 12.5, "fore reef": 300.0}


def test_every_problem_is_named_with_its_line() -> None:
    text = "habitat,area\nflat,0\nflat,1\n,2\nslope,wide\ncrest,inf\npass,1_2\n"
    assert refusal(text) == (
        "areas.csv:2: the area `0` is not a number above 0\n"
        "areas.csv:3: `flat` is already on line 2: each stratum stands once\n"
        "areas.csv:4: there is no habitat\n"
        "areas.csv:5: the area `wide` is not a number above 0\n"
        "areas.csv:6: the area `inf` is not a number above 0\n"
        "areas.csv:7: the area `1_2` is not a number above 0"
    )


def test_a_table_without_rows_or_without_the_field_is_refused() -> None:
    assert refusal("habitat,area\n") == "areas.csv: the file has no areas"
    assert refusal("zone,area\nflat,1\n") == (
        "areas.csv:1: there is no column `habitat`: the header needs habitat, area; it has zone, area"
    )


def test_strata_are_read_as_the_images_are() -> None:
    text = b"habitat,area\nReef  Flat,1\nNA,2\n"
    assert read_areas(
        "areas.csv", text, "habitat", Metadata(unknown=(), same={"Habitat": (("flat", "reef flat", "Reef Flat"),)})
    ) == {"flat": 1.0, "NA": 2.0}
    assert refusal("habitat,area\nflat,1\nnull,2\n") == (
        'areas.csv:3: `null` means "not known", and is no habitat (see `metadata.unknown`)'
    )
    twice = "habitat,area\nflat,1\nflat ,2\n"
    assert refusal(twice) == "areas.csv:3: `flat` is already on line 2: each stratum stands once"


def test_a_unit_has_its_weight_by_all_fields_that_it_is_known_by() -> None:
    text = b"reef,transect,length,area,weight\nNorth,1,50,,2\nNorth,2,25,,1\n"
    found = read_weights("sites.csv", text, ("reef", "Transect"), Metadata())
    assert (found.weights, found.what) == ({"North / 1": 2.0, "North / 2": 1.0}, "weight")
    assert read_weights("sites.csv", b"site,Length\nA,50\n", ("site",), Metadata()).what == "length"


def test_every_problem_of_a_table_of_weights_is_named_with_its_line() -> None:
    def refused(text: bytes) -> str:
        with pytest.raises(InvalidInput) as refusal:
            read_weights("sites.csv", text, ("reef", "site"), Metadata())
        return str(refusal.value)

    assert refused(b"reef,site,area\nN,1,0\nN,1,2\nS,1,-3\n,2,1\n") == (
        "sites.csv:2: the area `0` is not a number above 0\n"
        "sites.csv:3: `N / 1` is already on line 2: each site stands once\n"
        "sites.csv:4: the area `-3` is not a number above 0\n"
        "sites.csv:5: there is no reef"
    )
    assert refused(b"reef,site,area,length\n") == (
        "sites.csv:1: the header has `area` and `length`: call what counts `weight`"
    )
