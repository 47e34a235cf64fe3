"""What CoralNet's table of metadata says is joined to images by name."""

from __future__ import annotations

from typing import cast

from coralrun.coralnet.reading.metadata import with_metadata
from coralrun.coralnet.reading.site import Site
from coralrun.planning.images import FoundImage
from coralrun.spec.image_search import Search
from coralrun.spec.model import CoralNetSource


class Table:
    """A site that has a table of metadata, and a page that says that it was asked for."""

    def __init__(self, *rows: str) -> None:
        self.rows = rows

    def metadata(self, source: int, search: Search) -> bytes:
        return "\r\n".join(["Name,Site", *self.rows, ""]).encode()

    def details(self, image: int) -> list[tuple[str, str]]:
        return [("Site", f"page of {image}")]


def sites(table: Table, *names: str) -> list[str]:
    found = [FoundImage(name=name, image_id=number) for number, name in enumerate(names)]
    return [image.metadata[0] for image in with_metadata(cast(Site, table), CoralNetSource(source=1), found)]


def test_two_names_that_only_casefold_makes_one_keep_their_own_rows() -> None:
    table = Table("STRASSE.jpg,N", "Straße.jpg,S", "\ufb01le.jpg,E", "file.jpg,W")
    assert sites(table, "Straße.jpg", "STRASSE.jpg", "file.jpg", "\ufb01le.jpg") == ["S", "N", "W", "E"]
    assert sites(Table("STRASSE.jpg,N"), "Straße.jpg") == ["page of 0"]


def test_a_name_in_another_case_has_its_only_likes_row_or_its_page_is_read() -> None:
    assert sites(Table("A.JPG,N", "b.jpg,S"), "a.jpg", "b.jpg") == ["N", "S"]
    assert sites(Table("A.JPG,N", "A.jpg,S"), "a.jpg", "A.jpg") == ["page of 0", "S"]
