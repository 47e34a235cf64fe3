"""Protocol 9 and its corrections: what the form of a source's search offers, and what a search by it finds."""

from __future__ import annotations

import csv
import io
import re

from tests.contract.oddities import EDITORS, ODD_SOURCE
from tests.contract.peers import Control, Peer

from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.search import IdRange, SearchForm, browse_query, checked
from coralrun.coralnet.codec.search_form import read_search_form
from coralrun.spec.image_search import Search

NOWHERE = 2_000_000_000
BY_HAND = "last_annotator_0=annotation_tool&last_annotator_1="


def form_of(peer: Peer, source: int) -> SearchForm:
    return read_search_form(peer.get(f"/source/{source}/browse/images/").body)


def browse(peer: Peer, source: int, query: str) -> pages.BrowsePage:
    return pages.read_browse(peer.get(f"/source/{source}/browse/images/?{query}").body)


def test_a_field_of_the_source_is_labelled_by_the_text_before_it_and_by_no_label(peer: Peer) -> None:
    text = " ".join(peer.get(f"/source/{peer.source}/browse/images/").text.split())
    for field in form_of(peer, peer.source).fields:
        assert re.search(
            rf'<div class="field-and-label-wrapper"> [^<>]*: <(select|input)[^<>]* name="aux{field.number}"', text
        )
        assert f'for="id_aux{field.number}"' not in text


def test_fields_bear_the_names_that_the_source_gives_them_in_its_tables(peer: Peer) -> None:
    session = peer.sign_in(peer.username, peer.password).cookies["sessionid"]
    first = peer.images[0].id
    table = peer.get(f"/source/{peer.source}/export/metadata/?image_id_list={first}", f"sessionid={session}")
    header = next(csv.reader(io.StringIO(table.body.decode("utf-8"))))
    fields = form_of(peer, peer.source).fields
    assert [field.label for field in fields] == [header[1 + field.number] for field in fields]


def test_a_search_by_a_field_and_its_value_finds_images_of_that_value_alone(peer: Peer) -> None:
    form = form_of(peer, peer.source)
    for field in form.fields:
        for value in (field.values or ())[:2]:
            search = checked(Search(fields={field.label: value}), form, peer.source)
            query = "&".join(f"{name}={content}" for name, content in browse_query(search, IdRange(1)))
            found = browse(peer, peer.source, query)
            assert found.valid and found.images
            details = dict(pages.read_details(peer.image_page(found.images[0].id)[0].body))
            assert details[field.label] == value


def test_every_user_that_the_form_offers_may_be_searched_by_annotations_or_not(peer: Peer) -> None:
    offered = form_of(peer, peer.source).annotators
    assert offered is not None
    assert all(browse(peer, peer.source, f"{BY_HAND}{number}").valid for number, _ in offered[:3])
    assert not browse(peer, peer.source, f"{BY_HAND}{NOWHERE}").valid


def test_the_users_offered_are_the_admins_and_editors_of_now_and_no_former_members(
    peer: Peer, control: Control
) -> None:
    assert form_of(peer, ODD_SOURCE).annotators == EDITORS
    for number, _ in EDITORS:
        assert browse(peer, ODD_SOURCE, f"{BY_HAND}{number}").valid, "though nobody annotated anything"
    assert not browse(peer, ODD_SOURCE, f"{BY_HAND}6").valid
