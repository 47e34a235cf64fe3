"""Which images are listed for want of metadata: those of which no place tells all."""

from __future__ import annotations

from datetime import date

import pytest

from coralrun.planning.exif import with_exif
from coralrun.planning.images import FoundImage, Taken
from coralrun.planning.lacking import images_listed, unread_warnings
from coralrun.planning.metadata import Gathered, MetadataTable, gather
from coralrun.planning.model import Listing
from coralrun.spec.model import FolderSource, Metadata
from coralrun.spec.templates import Templates, templates_in

SITES = ("site", "year")


def by(*templates: str) -> Templates:
    return templates_in(Metadata(from_names=templates)) or Templates(())


BY_NAME = by("{site}_{year:%Y}.jpg")


def gathered(names: list[str], table: MetadataTable | None, template: Templates | None) -> Gathered:
    return gather([(FolderSource(path="photos"), [FoundImage(name=name) for name in names])], table, template)


def told(found: Gathered, table: MetadataTable | None, template: Templates | None) -> list[tuple[str, ...]]:
    images = found.images
    warned = [warning.partition(" ")[0].strip("`") for warning in unread_warnings(found, images, template)]
    return [*(listing.names for listing in images_listed(found, images, table, template)), tuple(warned)]


def test_an_image_without_a_row_or_a_field_of_its_name_is_listed() -> None:
    table = MetadataTable("sites.csv", ("depth",), {"n_2024.jpg": ("5",)})
    found = gathered(["n_2024.jpg", "odd.jpg"], table, BY_NAME)
    images = found.images
    assert list(images_listed(found, images, table, BY_NAME)) == [
        Listing("images without a row in sites.csv", ("odd.jpg",)),
        Listing("images whose names do not follow `metadata.from_names`", ("odd.jpg",)),
    ]
    assert list(images_listed(found, images[:1], table, BY_NAME)) == []


def test_nothing_is_said_of_images_of_which_the_other_place_tells_all() -> None:
    table = MetadataTable("sites.csv", SITES, {"odd.jpg": ("Wall", "2023"), "scan.jpg": ("Wall", "")})
    found = gathered(["n_2024.jpg", "odd.jpg"], table, BY_NAME)
    assert told(found, table, BY_NAME) == [()]
    lacks = gathered(["n_2024.jpg", "odd.jpg", "scan.jpg", "x.jpg"], table, BY_NAME)
    assert told(lacks, table, BY_NAME) == [("x.jpg",), ("scan.jpg", "x.jpg"), ("scan.jpg",)]
    deeper = MetadataTable("sites.csv", ("site", "depth"), {"odd.jpg": ("Wall", "5")})
    assert told(gathered(["n_2024.jpg"], deeper, BY_NAME), deeper, BY_NAME) == [("n_2024.jpg",), ()], "no depth"


def test_what_cameras_wrote_counts_too() -> None:
    template = by("{date:%Y-%m-%d}.jpg")
    photo = FoundImage(name="IMG_1.jpg", taken=Taken(date(2024, 5, 10)))
    found = gather([(FolderSource(path="photos"), [photo])], None, template)
    assert told(found, None, template) == [("IMG_1.jpg",), ("IMG_1.jpg",)]
    assert told(with_exif(found, Metadata(exif=True)), None, template) == [()]


def test_the_first_name_that_is_not_read_is_told_with_where_and_what_to_write() -> None:
    template = by("{site}_{date:%Y}.jpg")
    found = gathered(["n_2024.jpg", "Cap_n_2023.jpg"], None, template)
    assert list(unread_warnings(found, found.images, template)) == [
        "`Cap_n_2023.jpg` does not follow `metadata.from_names`: `{site}` is `Cap`, and then `n_2023` is no date as "
        "`%Y`. Write {site...}_{date:%Y}.jpg: `{site...}` may hold the text that comes after it"
    ]


@pytest.mark.parametrize(
    ("template", "others", "said"),
    [
        (
            "{site}/{line}/{n}.jpg",
            ("A_1_2.jpg", "B_1_2.jpg"),
            "the name ends where `/` is to be. These are names of anoth",
        ),
        (
            "{site}_{n}.jpg",
            ("A-1.jpg", "A-2.jpg"),
            "is to be. These are names of another layout: give a second template",
        ),
        ("{site}/{line}/{n}.jpg", ("A_1.jpg", "B/2.jpg"), "is to be. What stands outside braces"),
        ("{site}_{year:%Y}.jpg", ("A_B_2024.jpg", "C_D_2023.jpg"), "as `%Y`. Write {site...}_{year:%Y}.jpg"),
        ("{site}_{day:%d%m%Y}.jpg", ("A_32012024.jpg", "A_30022024.jpg"), "no calendar has. What stands"),
        ("{site}/{line}/{n}.jpg", ("A_1_2.jpg",), "is to be. What stands outside braces"),
    ],
)
def test_names_that_stop_at_one_place_beside_others_are_another_layout(
    template: str, others: tuple[str, ...], said: str
) -> None:
    known = next(name for name in ("N/T1/7.jpg", "N_7.jpg", "N_2024.jpg", "N_01012024.jpg") if by(template).read(name))
    (warning,) = warned([known, *others], template)
    assert said in warning, warning
    if "another layout" in said:
        assert "another layout" not in warned([*others], template)[0], "none is of the first"


def test_names_that_follow_none_of_several_templates_are_told_in_short() -> None:
    templates = ("{site}/{n}.jpg", "{site}_{n}.jpg")
    assert warned(["A/1.jpg", "A_2.jpg"], *templates) == []
    assert warned(["A/1.jpg", "IMG-3.jpg"], *templates) == [
        "`IMG-3.jpg` follows none of the templates of `metadata.from_names`: give one more, or a table under `from:`"
    ]
    assert warned(["A-1.jpg", "A-2.jpg", "A-3.jpg"], *templates)[0].startswith("`A-1.jpg` and 2 more follow none of ")


def test_a_name_that_no_template_reads_needs_what_one_of_them_tells() -> None:
    table = MetadataTable("sites.csv", ("site",), {"x.jpg": ("A",)})
    both = by("{site}/{n}.jpg", "{site}_.jpg")
    assert told(gathered(["x.jpg"], table, both), table, both) == [()]
    one = by("{site}/{n}.jpg")
    assert told(gathered(["x.jpg"], table, one), table, one) == [("x.jpg",), ("x.jpg",)]


def warned(names: list[str], *templates: str) -> list[str]:
    found = gathered(names, None, by(*templates))
    return list(unread_warnings(found, found.images, by(*templates)))
