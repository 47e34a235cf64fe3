"""Protocol 8 and 10 and their corrections: the name and the classifier of a source, the details of an image."""

from __future__ import annotations

import csv
import io
import re
from html import escape

import pytest
from tests.contract.oddities import (
    BORROWING_SOURCE,
    COMMENTS,
    NEWER,
    ODD_IMAGE,
    ODD_NAMES,
    ODD_SOURCE,
    ODD_SOURCE_NAME,
    PINNED,
    PINNED_SOURCE,
)
from tests.contract.peers import Control, Peer

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.source_page import InUse, SourcePage, read_source
from coralrun.coralnet.reading.crawl import crawl
from coralrun.coralnet.reading.metadata import with_metadata
from coralrun.coralnet.reading.site import Site
from coralrun.spec.model import CoralNetSource

NO_LIST = "let classifierPlotData = [];"


def source_page(peer: Peer, source: int) -> tuple[str, SourcePage]:
    reply = peer.get(f"/source/{source}/")
    return " ".join(reply.text.split()), read_source(reply.body, source)


def metadata(peer: Peer, source: int, query: str = "") -> list[list[str]]:
    session = peer.sign_in(peer.username, peer.password).cookies["sessionid"]
    table = peer.get(f"/source/{source}/export/metadata/?{query}", f"sessionid={session}")
    return list(csv.reader(io.StringIO(table.body.decode("utf-8"), newline="")))


def test_a_sources_name_is_escaped_in_its_page(peer: Peer, control: Control) -> None:
    text, page = source_page(peer, ODD_SOURCE)
    assert page.name == ODD_SOURCE_NAME
    assert "<title>Reef &amp; Sons &lt;1&gt; | CoralNet</title>" in text
    assert ODD_SOURCE_NAME not in text


def test_a_source_without_a_classifier_has_an_empty_list(peer: Peer, control: Control) -> None:
    text, page = source_page(peer, ODD_SOURCE)
    assert NO_LIST in text
    assert (page.classifiers, page.in_use) == ((), None)


def test_a_source_set_to_one_of_its_own_classifiers_lists_none(peer: Peer, control: Control) -> None:
    text, page = source_page(peer, PINNED_SOURCE)
    assert f"Active classifier: {PINNED}, from this source" in text
    assert f"(latest: {NEWER}, trained" in text
    assert NO_LIST in text
    assert (page.classifiers, page.in_use) == ((), InUse(str(PINNED), PINNED_SOURCE, str(NEWER)))


def test_a_classifier_that_is_borrowed_is_a_link_to_its_source(peer: Peer, control: Control) -> None:
    text, page = source_page(peer, BORROWING_SOURCE)
    link = f'<a href="/source/{ODD_SOURCE}/" target="_blank">{escape(ODD_SOURCE_NAME)}</a>'
    assert f"Active classifier: {PINNED}, from {link}, trained" in text
    assert NO_LIST in text
    assert (page.classifiers, page.in_use) == ((), InUse(str(PINNED), ODD_SOURCE))


def test_only_the_second_block_of_an_image_page_tells_of_the_photo(peer: Peer) -> None:
    reply, _ = peer.image_page(peer.images[0].id)
    blocks = re.split('<div class="details">', reply.text)[1:]
    headings = [re.findall("<h3>([^<>]*)</h3>", block)[0] for block in blocks]
    assert headings == ["Annotation and point location status", "Other image details"]
    assert "Manipulate annotations and point locations" in blocks[0]
    told = {name for name, _ in pages.read_details(reply.body)}
    assert told <= set(pages.distinct(metadata(peer, peer.source, f"image_id_list={peer.images[0].id}")[0]))


def test_every_image_page_tells_its_points_design_and_its_annotation_area(peer: Peer) -> None:
    text = peer.image_page(peer.images[0].id)[0].text
    assert "Point generation method: " in text
    assert re.search(r"Annotation area: X: [0-9.]+ - [0-9.]+% / Y: [0-9.]+ - [0-9.]+%", text)


def test_line_breaks_of_a_comment_are_blanks_in_its_page_and_stay_in_the_table(peer: Peer, control: Control) -> None:
    reply, _ = peer.image_page(ODD_IMAGE)
    assert dict(pages.read_details(reply.body))["Comments"] == COMMENTS.replace("\n", " ")
    header, *rows = metadata(peer, ODD_SOURCE)
    assert {row[header.index("Comments")] for row in rows} == {COMMENTS}


def test_names_that_differ_in_more_than_the_case_of_letters_are_two_images(peer: Peer, control: Control) -> None:
    me = Credentials(peer.username, password=peer.password)
    site = Site(Http(peer.base_url, peer.clock, peer.handle), WebRate(peer.clock), me)
    source = CoralNetSource(source=ODD_SOURCE)
    found = crawl(site, source)
    assert [image.name for image in found] == list(ODD_NAMES)
    header, *rows = metadata(peer, ODD_SOURCE)
    assert [row[0] for row in rows] == list(ODD_NAMES)
    depths = {row[0]: row[header.index("Depth")] for row in rows}
    assert len(set(depths.values())) == len(ODD_NAMES)
    known = with_metadata(site, source, found)
    assert {image.name: image.metadata[image.fields.index("Depth")] for image in known} == depths


@pytest.mark.parametrize("what", ["Unclassified", "Unconfirmed", "Confirmed", "Total images"])
def test_a_source_page_counts_its_images_by_what_is_known_of_them(peer: Peer, what: str) -> None:
    text, _ = source_page(peer, peer.source)
    assert re.search(
        rf'<tr><td>{what}: <a href="/source/{peer.source}/browse/images/[^"]*"> ?[0-9,]+</a></td></tr>', text
    )


def test_a_labelset_is_shown_with_the_functional_group_of_each_label(peer: Peer) -> None:
    text = " ".join(peer.get(f"/source/{peer.source}/labelset/").text.split())
    assert re.search("<th>Name</th> ?<th>Short Code</th> ?<th>Functional Group</th>", text)
    row = r'<td class="name"> ?<a href="/label/[0-9]+/">[^<>]+</a> ?</td> ?<td>[^<>]+</td> ?<td>[^<>]+</td>'
    assert re.search(row, text)
