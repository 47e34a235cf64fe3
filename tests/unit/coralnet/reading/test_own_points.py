"""Points out of exports of annotations: of one source or several, and what cannot be told apart."""

from __future__ import annotations

from typing import cast

import pytest

from coralrun.coralnet.codec.search import OfferedField, SearchForm
from coralrun.coralnet.reading.own_points import read_own_points
from coralrun.coralnet.reading.site import Site
from coralrun.errors import InvalidInput, UsageError
from coralrun.planning.images import Point
from coralrun.spec.image_search import Search
from coralrun.spec.model import CoralNetSource

HEADER = b"Name,Row,Column,Label code,Label ID,Annotator,Date annotated\r\n"


class Exporting:
    """A site that has these exports, and one field to search by."""

    def __init__(self, exports: dict[int, bytes]) -> None:
        self.exports = exports
        self.searched: list[Search] = []

    def offered(self, source: int) -> SearchForm:
        return SearchForm((OfferedField(2, "Habitat", ("reef",)),))

    def annotations(self, source: int, search: Search) -> bytes:
        self.searched.append(search)
        return self.exports[source]


def row(name: str, row: int, column: int) -> bytes:
    return f"{name},{row},{column},CCA,4,ann,2024-07-01 00:00:00+00:00\r\n".encode()


def site_of(**exports: bytes) -> tuple[Site, Exporting, list[CoralNetSource]]:
    exporting = Exporting({int(name[1:]): table for name, table in exports.items()})
    return cast(Site, exporting), exporting, [CoralNetSource(source=number) for number in exporting.exports]


def test_points_keep_their_order_and_the_exports_are_kept_as_they_came() -> None:
    table = HEADER + row("a.jpg", 5, 6) + row("b.jpg", 1, 1) + row("a.jpg", 0, 9) + row("a.jpg", 5, 6)
    site, _, sources = site_of(s1=table, s2=HEADER)
    own = read_own_points(site, sources)
    assert dict(own.within(["a.jpg", "b.jpg"])) == {
        "a.jpg": (Point(5, 6), Point(0, 9), Point(5, 6)),
        "b.jpg": (Point(1, 1),),
    }
    assert own.exports == {1: table, 2: HEADER}


def test_a_problem_with_a_point_stands_at_the_line_of_its_sources_export() -> None:
    site, _, sources = site_of(s1=HEADER + row("a.jpg", 5, 6), s2=HEADER + row("b.jpg", 1, 1))
    table = read_own_points(site, sources).within(["a.jpg", "b.jpg"])
    assert (table.file("b.jpg"), table.line("b.jpg", 0)) == ("the annotations of source 2", 2)


def test_only_images_that_are_listed_have_points_in_whatever_case() -> None:
    site, _, sources = site_of(s1=HEADER + row("a.jpg", 5, 6) + row("b.jpg", 1, 1))
    assert list(read_own_points(site, sources).within({"A.JPG", "c.jpg"})) == ["a.jpg"]


def test_a_search_is_asked_in_coralnets_words() -> None:
    site, exporting, _ = site_of(s1=HEADER + row("a.jpg", 5, 6))
    read_own_points(site, [CoralNetSource(source=1, search=Search(fields={"habitat": "reef"}))])
    assert exporting.searched == [Search(fields={"aux2": "reef"})]


def test_sources_without_any_label_have_no_points() -> None:
    site, _, sources = site_of(s1=HEADER, s2=HEADER)
    with pytest.raises(UsageError) as caught:
        read_own_points(site, sources)
    assert caught.value.message == (
        "no image that is searched for in source 1, 2 has a point with a label, so there are no points"
    )


def test_a_name_that_two_sources_share_tells_no_image() -> None:
    site, _, sources = site_of(s1=HEADER + row("a.jpg", 5, 6), s2=HEADER + row("a.jpg", 1, 1))
    with pytest.raises(InvalidInput) as caught:
        read_own_points(site, sources)
    assert str(caught.value) == (
        "the annotations of source 2: `a.jpg` has points in the annotations of source 1 too: give each image one file"
    )
    assert caught.value.remedy == "Where two sources share a name, give each source a survey of its own."
