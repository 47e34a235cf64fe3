"""Which images are listed for want of metadata: those of which no place tells all."""

from __future__ import annotations

from datetime import date

from coralrun.planning.exif import with_exif
from coralrun.planning.images import FoundImage, Taken
from coralrun.planning.lacking import images_listed, unread_warnings
from coralrun.planning.metadata import Gathered, MetadataTable, gather
from coralrun.planning.model import Listing
from coralrun.spec.model import FolderSource, Metadata
from coralrun.spec.template import Template, template_of

SITES = ("site", "year")
BY_NAME = template_of("{site}_{year:%Y}.jpg")


def gathered(names: list[str], table: MetadataTable | None, template: Template | None) -> Gathered:
    return gather([(FolderSource(path="photos"), [FoundImage(name=name) for name in names])], table, template)


def told(found: Gathered, table: MetadataTable | None, template: Template | None) -> list[tuple[str, ...]]:
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
    template = template_of("{date:%Y-%m-%d}.jpg")
    photo = FoundImage(name="IMG_1.jpg", taken=Taken(date(2024, 5, 10)))
    found = gather([(FolderSource(path="photos"), [photo])], None, template)
    assert told(found, None, template) == [("IMG_1.jpg",), ("IMG_1.jpg",)]
    assert told(with_exif(found, Metadata(exif=True)), None, template) == [()]


def test_the_first_name_that_is_not_read_is_told_with_where_and_what_to_write() -> None:
    template = template_of("{site}_{date:%Y}.jpg")
    found = gathered(["n_2024.jpg", "Cap_n_2023.jpg"], None, template)
    assert list(unread_warnings(found, found.images, template)) == [
        "`Cap_n_2023.jpg` does not follow `metadata.from_names`: `{site}` is `Cap`, and then `n_2023` is no date as "
        "`%Y`. Write {site...}_{date:%Y}.jpg: `{site...}` may hold the text that comes after it"
    ]
