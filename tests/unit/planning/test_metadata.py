"""What is known of the images, brought together from every place that knows something."""

from __future__ import annotations

from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Gathered, Inventory, MetadataTable, gather
from coralrun.planning.model import Listing
from coralrun.spec.model import CoralNetSource, ManifestSource, Metadata
from coralrun.spec.templates import Templates, templates_in

CRAWLED = CoralNetSource(source=1)
LISTED = ManifestSource(path="images.csv")


def inventory(*images: FoundImage) -> Inventory:
    return [(CRAWLED, images)]


def of(name: str, **known: str) -> FoundImage:
    return FoundImage(name=name, image_id=1, fields=tuple(known), metadata=tuple(known.values()))


def table(*fields: str, **rows: str) -> MetadataTable:
    return MetadataTable("sites.csv", fields, {f"{name}.jpg": tuple(row.split()) for name, row in rows.items()})


def by(*templates: str) -> Templates | None:
    return templates_in(Metadata(from_names=templates))


def known(gathered: Gathered) -> dict[str, dict[str, str]]:
    return {
        image.name: dict(zip(image.fields, image.metadata, strict=True))
        for _, found in gathered.inventory
        for image in found
    }


def test_without_any_metadata_the_inventory_is_left_as_it_is() -> None:
    found = inventory(of("a.jpg"))
    gathered = gather(found, None, None)
    assert gathered.inventory is found
    assert gathered.fields == ()


def test_sources_with_different_fields_get_one_list_of_them() -> None:
    found: Inventory = [(CRAWLED, [of("a.jpg", Site="N")]), (LISTED, [of("b.jpg", depth="5", SITE="S")])]
    gathered = gather(found, None, None)
    assert gathered.fields == ("Site", "depth")
    assert known(gathered) == {"a.jpg": {"Site": "N", "depth": ""}, "b.jpg": {"Site": "S", "depth": "5"}}


def test_a_table_is_joined_by_name_and_then_ignoring_case_which_is_said() -> None:
    gathered = gather(inventory(of("a.jpg"), of("B.JPG"), of("c.jpg")), table("site", a="N", b="S", d="E"), None)
    assert known(gathered) == {"a.jpg": {"site": "N"}, "B.JPG": {"site": "S"}, "c.jpg": {"site": ""}}
    assert gathered.warnings == ("sites.csv: 1 name was matched ignoring upper and lower case: `b.jpg` for `B.JPG`",)
    assert gathered.listings == (Listing("names in sites.csv that are no image of the sources", ("d.jpg",)),)
    assert gathered.without_row == {"c.jpg"}


def test_an_image_is_not_joined_where_two_rows_differ_from_its_name_in_case_alone() -> None:
    gathered = gather(inventory(of("a.JPG"), of("A.jpg")), table("site", a="N", A="S"), None)
    assert known(gathered) == {"a.JPG": {"site": ""}, "A.jpg": {"site": "S"}}


def test_a_row_goes_by_an_images_letters_and_not_by_its_bytes() -> None:
    rows = MetadataTable("sites.csv", ("site",), {"STRASSE.jpg": ("N",), "re\u0301cif.jpg": ("S",)})
    gathered = gather(inventory(of("Stra\u00dfe.jpg"), of("r\u00e9cif.jpg")), rows, None)
    assert known(gathered) == {"Stra\u00dfe.jpg": {"site": ""}, "r\u00e9cif.jpg": {"site": "S"}}
    assert gathered.without_row == {"Stra\u00dfe.jpg"}
    assert gathered.listings == (Listing("names in sites.csv that are no image of the sources", ("STRASSE.jpg",)),)


def test_a_row_whose_name_lacks_the_ending_is_named_and_not_taken() -> None:
    gathered = gather(inventory(of("a.jpg")), MetadataTable("sites.csv", ("site",), {"a": ("N",)}), None)
    assert known(gathered) == {"a.jpg": {"site": ""}}
    assert gathered.near_misses == (
        "sites.csv: `a` is not there, but `a.jpg` is: names are matched with their endings",
    )


def test_names_are_read_by_the_template_and_those_that_do_not_follow_it_are_known() -> None:
    gathered = gather(inventory(of("n_1.jpg"), of("odd.jpg")), None, by("{site}_{quadrat}.jpg"))
    assert known(gathered) == {"n_1.jpg": {"site": "n", "quadrat": "1"}, "odd.jpg": {"site": "", "quadrat": ""}}
    assert gathered.unread == {"odd.jpg"}
    assert gathered.listings == ()


def test_a_name_is_read_by_the_first_template_that_it_follows_as_a_whole() -> None:
    names = ("Bora/T1/3.jpg", "Bora_T2.jpg", "Bora_T3_x.jpg", "Bora.jpg")
    gathered = gather(
        inventory(*map(of, names)), None, by("{Site}/{line}/{n}.jpg", "{site}_{line}.jpg", "{site}_{x}_{_}")
    )
    assert gathered.fields == ("Site", "line", "n", "x")
    assert known(gathered)["Bora/T1/3.jpg"] == {"Site": "Bora", "line": "T1", "n": "3", "x": ""}
    assert known(gathered)["Bora_T2.jpg"] == {"Site": "Bora", "line": "T2", "n": "", "x": ""}
    assert known(gathered)["Bora_T3_x.jpg"] == {"Site": "Bora", "line": "T3_x", "n": "", "x": ""}
    assert gathered.unread == {"Bora.jpg"}


def test_whether_all_names_are_cut_alike_is_asked_of_each_template() -> None:
    templates = by("{site} {n}m.jpg", "{site}/{n}.jpg")
    names = inventory(of("Kap Sud 5m.jpg"), of("Cap Nord 5m.jpg"), of("Wall/5.jpg"))
    assert gather(names, None, templates).warnings == ()


def test_a_name_that_may_be_cut_otherwise_than_meant_is_told_as_it_is_read() -> None:
    template = by("{site} {depth}m {quadrat}.jpg")
    two_words = gather(inventory(of("Kap Süd 5m q1.jpg"), of("Wall 5m q1.jpg")), None, template)
    assert two_words.warnings == (
        "`site` may be cut short in 1 name, where what ends it stands again (Kap Süd 5m q1.jpg: site is Kap, depth is "
        "Süd 5): if that is part of it, write `{site...}`",
    )
    assert gather(inventory(of("Kap Süd 5m q1.jpg")), None, template).warnings == (), "all alike: so it is meant"
    said = by("{site...} {depth}m {quadrat}.jpg")
    as_meant = gather(inventory(of("Kap Süd 5m q1.jpg"), of("Wall 5m q1.jpg")), None, said)
    assert [fields["site"] for fields in known(as_meant).values()] == ["Kap Süd", "Wall"]
    assert as_meant.warnings == ()


def test_what_is_passed_over_hides_no_field_that_was_cut_short() -> None:
    names = inventory(of("Heron North T1 001.jpg"), of("Wall T1 001.jpg"))
    (said,) = gather(names, None, by("{site} {transect} {_}.jpg")).warnings
    assert "(Heron North T1 001.jpg: site is Heron, transect is North, _ is T1 001)" in said
    assert said.endswith("write `{site...}`"), "the first that may hold it, and not what took up the rest"
    folders = inventory(of("North/T1/001.jpg"), of("South/001.jpg"))
    assert gather(folders, None, by("{site}/{_}.jpg")).warnings == (), "a folder's name holds no slash"


def test_a_table_is_believed_before_a_source_and_that_before_a_name() -> None:
    images = inventory(of("n_9.jpg", site="", depth="5"), of("s_8.jpg", site="S", depth="5"))
    rows = MetadataTable("sites.csv", ("Depth",), {"n_9.jpg": ("10",), "s_8.jpg": ("5",)})
    gathered = gather(images, rows, by("{site}_{depth}.jpg"))
    assert known(gathered) == {"n_9.jpg": {"site": "n", "depth": "10"}, "s_8.jpg": {"site": "S", "depth": "5"}}
    assert gathered.warnings == (
        "`depth` has two values for 2 images (`n_9.jpg`, `s_8.jpg`): "
        "sites.csv is believed first, then the image's source, then its name",
        "`site` has two values for 1 image (`s_8.jpg`): "
        "sites.csv is believed first, then the image's source, then its name",
    )


def test_a_field_is_found_whatever_the_case_of_its_name() -> None:
    gathered = gather(inventory(of("a.jpg", Site="N", depth="5")), None, None)
    assert (gathered.place("SITE"), gathered.place("depth"), gathered.place("zone")) == (0, 1, None)
