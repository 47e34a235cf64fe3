"""How values of metadata are read as they are gathered, and what is said of it."""

from __future__ import annotations

from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import MetadataTable, gather
from coralrun.planning.model import Listing
from coralrun.planning.values import Values
from coralrun.spec.model import ManifestSource, Metadata
from coralrun.spec.templates import templates_in

SAME = Metadata(same={"Site": (("Reef A", "reef a", "A"), ("\u00cele", "Ile"))})


def read(values: Values, *texts: str) -> list[str]:
    return [values.read(("site",), (text,))[0] for text in texts]


def test_what_is_unknown_is_empty_and_folded_blanks_are_counted() -> None:
    values = Values(Metadata())
    assert read(values, "NA", "#N/A", "  ", "None", "Coral  Garden", " Coral Garden", "B\u00a0 1") == [
        *("", "", "", "None", "Coral Garden", "Coral Garden", "B 1")
    ]
    assert list(values.warnings()) == [
        "`site`: blanks around the value or doubled in it were folded in 3 images (the first: `Coral Garden`)"
    ]


def test_a_row_without_anything_to_change_is_the_very_same_row() -> None:
    row = ("North", "", "None")
    values = Values(Metadata())
    assert values.read(("site", "depth", "treatment"), row) is row
    assert list(values.warnings()) == []


def test_values_that_the_survey_calls_one_become_the_first_in_that_field_alone() -> None:
    values = Values(SAME)
    assert values.read(("SITE", "zone"), ("reef  a", "reef a")) == ("Reef A", "reef a")
    assert read(values, "Reef A", "I\u0302le", "\u00cele", "reef b") == ["Reef A", "\u00cele", "\u00cele", "reef b"]
    assert list(values.listings()) == [
        Listing("values of `Site` under `metadata.same` that no image has", ("A", "Ile"))
    ]


def test_a_survey_says_what_is_not_known_and_a_site_called_na_is_one() -> None:
    values = Values(Metadata(unknown=("-999", "none given"), same={"site": (("NA", "N.A."),)}))
    assert read(values, "NA", "N.A.", "-999", "none  given", "") == ["NA", "NA", "", "", ""]


def test_a_field_of_very_many_values_is_read_as_any_other() -> None:
    values = Values(Metadata())
    assert all(read(values, f"{at}", f"{at} ") == [f"{at}"] * 2 for at in range(11_000))


def test_every_place_that_knows_something_is_read_so_and_a_later_one_fills_in() -> None:
    images = [
        FoundImage(name="north_1.jpg", url="u", fields=("site", "depth"), metadata=("NaN", "5")),
        FoundImage(name="NA_2.jpg", url="u", fields=("site", "depth"), metadata=("Reef  A", "null")),
    ]
    table = MetadataTable("sites.csv", ("Site", "depth"), {"north_1.jpg": ("NA", "#N/A"), "NA_2.jpg": ("reef a", "7")})
    gathered = gather(
        [(ManifestSource(path="m.csv"), images)], table, templates_in(Metadata(from_names="{site}_{_}.jpg")), SAME
    )
    found = [image.metadata for _, there in gathered.inventory for image in there]
    assert found == [("north", "5"), ("Reef A", "7")]
    assert gathered.warnings == (
        "`site`: blanks around the value or doubled in it were folded in 1 image (the first: `Reef A`)",
    )
