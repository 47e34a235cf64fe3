"""Protocol 5 to 10: signing in, what is shown to whom, sources, searches, images and their URLs."""

from __future__ import annotations

import ast
import re
from html import escape

import pytest
from tests.contract.oddities import ODD_NAMES, ODD_SOURCE
from tests.contract.peers import LOGIN, Control, Peer

from coralrun.coralnet import protocol
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.pages import PageKind
from coralrun.coralnet.codec.search import LAST_ID, IdRange
from coralrun.coralnet.codec.search_form import read_search_form
from coralrun.coralnet.codec.source_page import read_source
from coralrun.coralnet.codec.urls import is_signed, life_s
from coralrun.coralnet.reading.site import Site
from coralrun.http.client import Reply
from coralrun.ports import Located
from coralrun.spec.image_search import Search

NOWHERE = 2_000_000_000
BAD_LOGIN = "The credentials you entered did not match our records. Note that both fields may be case-sensitive."


def browse(peer: Peer, query: str) -> pages.BrowsePage:
    """One page of a search, as the client reads it."""
    reply = peer.get(f"/source/{peer.source}/browse/images/?{query}")
    assert reply.status == 200
    return pages.read_browse(reply.body)


def test_the_login_page_sets_a_csrf_cookie_and_has_its_token_in_the_form(peer: Peer) -> None:
    reply = peer.get(LOGIN)
    assert reply.status == 200
    assert reply.cookies["csrftoken"]
    assert pages.login_token(reply.body)
    assert pages.kind_of(reply.body) is PageKind.LOGIN


def test_a_login_that_succeeds_is_a_302_with_a_session_cookie_that_a_page_greets(peer: Peer) -> None:
    reply = peer.sign_in(peer.username, peer.password)
    assert (reply.status, reply.headers["location"]) == (302, "/source/")
    page = peer.get("/source/about/", cookie=f"sessionid={reply.cookies['sessionid']}")
    assert pages.signed_in_user(page.body) == peer.username
    assert pages.signed_in_user(peer.get("/source/about/").body) is None


def test_a_login_that_fails_is_the_login_page_again_with_status_200(peer: Peer) -> None:
    reply = peer.sign_in(peer.username, "certainly not the password")
    assert reply.status == 200
    assert pages.login_failure(reply.body) == BAD_LOGIN
    assert "sessionid" not in reply.cookies


def test_a_login_without_its_csrf_token_is_a_403(peer: Peer) -> None:
    form = {"username": peer.username, "password": peer.password}
    reply = peer.call("POST", LOGIN, body=form, referer=peer.base_url + LOGIN)
    assert reply.status == 403
    assert "sessionid" not in reply.cookies


def test_a_denied_page_is_status_200_with_a_title_and_a_sentence(peer: Peer, control: Control) -> None:
    path = f"/source/{control.private_source}/"
    session = peer.sign_in(control.other_username, control.other_password).cookies["sessionid"]
    for reply in (peer.get(path), peer.get(path, cookie=f"sessionid={session}")):
        assert reply.status == 200
        assert "<title>CoralNet</title>" in reply.text
        assert pages.kind_of(reply.body) is PageKind.DENIED


def test_the_token_does_nothing_on_web_pages(peer: Peer, control: Control) -> None:
    reply = peer.call("GET", f"/source/{control.private_source}/", authorization=f"Token {peer.token}")
    assert pages.kind_of(reply.body) is PageKind.DENIED


def test_members_see_their_private_source(peer: Peer, control: Control) -> None:
    http = Http(peer.base_url, peer.clock, peer.handle)
    site = Site(http, WebRate(peer.clock), Credentials(peer.username, password=peer.password))
    assert site.source(control.private_source).classifiers


@pytest.mark.parametrize("path", [f"/source/{NOWHERE}/", f"/image/{NOWHERE}/view/"])
def test_what_does_not_exist_is_a_404_page_in_coralnets_own_words(peer: Peer, path: str) -> None:
    reply = peer.get(path)
    assert reply.status == 404
    assert pages.is_not_found(reply.body)


def test_a_public_source_shows_anyone_its_classifiers_oldest_first(peer: Peer) -> None:
    reply = peer.get(f"/source/{peer.source}/")
    assert pages.kind_of(reply.body) is PageKind.CONTENT
    source = read_source(reply.body, peer.source)
    assert f"<title>{escape(source.name)} | CoralNet</title>" in " ".join(reply.text.split())
    line = re.search(r"let classifierPlotData = (\[.*\]);", reply.text)
    assert line is not None
    rows = ast.literal_eval(line[1])
    assert [row["pk"] for row in rows] == [str(classifier.id) for classifier in source.classifiers]
    assert [row["x"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(set(row) == {"x", "y", "nimages", "traintime", "date", "pk"} for row in rows)
    assert source.images is not None


def test_a_search_shows_twenty_images_a_page_and_the_count_of_all(peer: Peer) -> None:
    page = browse(peer, "")
    total = read_source(peer.get(f"/source/{peer.source}/").body, peer.source).images
    assert len(page.images) == protocol.BROWSE_PAGE_IMAGES
    assert page.total == total
    assert page.has_next
    first = page.images[0]
    assert peer.image_page(first.id)[1].name == first.name


def test_a_range_of_ids_with_the_order_of_upload_walks_a_source_by_key(peer: Peer) -> None:
    key = "sort_method=upload_date&image_id_range="
    first = browse(peer, f"{key}1_{LAST_ID}")
    ids = [image.id for image in first.images]
    assert ids == sorted(ids)
    second = browse(peer, f"{key}{ids[-1] + 1}_{LAST_ID}")
    assert min(image.id for image in second.images) > ids[-1]
    assert second.total == first.total - len(ids)


def test_a_page_beyond_the_last_is_the_last(peer: Peer) -> None:
    beyond = browse(peer, "page=99999")
    assert beyond.images
    assert not beyond.has_next


def test_no_match_and_a_bad_search_are_told_apart_both_with_status_200(peer: Peer) -> None:
    none = browse(peer, "image_name=certainly-no-image-has-this-name")
    assert (none.images, none.total, none.valid) == ((), 0, True)
    for wrong in ("sort_method=name", "sort_direction=asc", "annotation_status=Confirmed"):
        assert not browse(peer, wrong).valid


def test_names_are_searched_by_their_parts_in_any_case(peer: Peer) -> None:
    wanted = peer.images[0].name
    found = browse(peer, f"image_name={wanted[:-4].upper()}")
    assert wanted in [image.name for image in found.images]


def test_every_image_has_one_of_three_annotation_statuses(peer: Peer) -> None:
    statuses = ("confirmed", "unconfirmed", "unclassified")
    found = {status: browse(peer, f"annotation_status={status}") for status in statuses}
    assert sum(page.total for page in found.values()) == browse(peer, "").total
    for status, page in found.items():
        assert {image.status for image in page.images} <= {status}


def test_a_search_by_date_takes_a_year_a_day_or_a_range(peer: Peer) -> None:
    everything = "photo_date_3=1900-01-01&photo_date_4=2100-12-31"
    assert browse(peer, f"photo_date_0=date_range&{everything}").valid
    form = read_search_form(peer.get(f"/source/{peer.source}/browse/images/").body)
    assert form.photo_years is not None
    for year in form.photo_years[:1]:
        assert browse(peer, f"photo_date_0=year&photo_date_1={year}").images
    assert not browse(peer, "photo_date_0=year&photo_date_1=1850").valid
    assert browse(peer, "photo_date_0=date&photo_date_2=2008-04-15").valid
    assert browse(peer, "photo_date_0=date_range&photo_date_3=1900-01-01&photo_date_4=1900-12-31").total == 0


def test_an_image_page_gives_its_name_its_raw_size_and_its_url_html_escaped(peer: Peer) -> None:
    image = peer.images[0]
    reply, page = peer.image_page(image.id)
    assert (pages.kind_of(reply.body), page.name) == (PageKind.CONTENT, image.name)
    assert page.size.width > 0 < page.size.height
    assert page.address.replace("&", "&amp;") in reply.text


def test_an_image_page_is_dated_and_a_signed_url_says_until_when_it_lives(peer: Peer) -> None:
    reply, page = peer.image_page(peer.images[0].id)
    assert reply.headers["date"].endswith(" GMT")
    life = life_s(page.address, reply.headers["date"])
    assert (life is None) != is_signed(page.address)
    assert life is None or 0 < life <= protocol.URL_LIFE_S + 60


def test_anyone_may_read_the_first_bytes_of_an_image_at_its_url(peer: Peer) -> None:
    http = Http(peer.base_url, peer.clock, peer.handle)
    reply = http.plain(peer.image_url(peer.images[0].id), 100)
    assert isinstance(reply, Reply)
    assert reply.status in (200, 206)
    assert len(reply.body) == 100


def test_the_client_locates_an_image_from_its_page_alone(peer: Peer) -> None:
    site = Site(Http(peer.base_url, peer.clock, peer.handle), WebRate(peer.clock))
    located = site.image(peer.images[0].id)
    assert isinstance(located, Located)
    assert located.size == peer.image_page(peer.images[0].id)[1].size


def test_each_view_signs_a_url_anew_for_an_hour_and_then_it_is_over(peer: Peer, control: Control) -> None:
    http = Http(peer.base_url, peer.clock, peer.handle)
    first = peer.image_url(1)
    control.clock.sleep(protocol.URL_LIFE_S + 1)
    second = peer.image_url(1)
    assert first != second
    statuses = [reply.status for url in (first, second) if isinstance(reply := http.plain(url, 10), Reply)]
    assert statuses == [403, 206]


def test_a_login_that_has_ended_is_noticed_and_the_client_signs_in_anew(peer: Peer, control: Control) -> None:
    path = f"/source/{control.private_source}/"
    session = peer.sign_in(peer.username, peer.password).cookies["sessionid"]
    assert pages.kind_of(peer.get(path, cookie=f"sessionid={session}").body) is PageKind.CONTENT
    site = Site(
        Http(peer.base_url, peer.clock, peer.handle),
        WebRate(peer.clock),
        Credentials(peer.username, password=peer.password),
    )
    first = site.source(control.private_source)
    control.service.identity.end_sessions()
    assert pages.kind_of(peer.get(path, cookie=f"sessionid={session}").body) is PageKind.DENIED
    assert site.source(control.private_source) == first


@pytest.mark.parametrize("count", [1, 3])
def test_a_session_that_ends_after_sign_in_says_nothing_of_permission(peer: Peer, control: Control, count: int) -> None:
    control.faults.short_sessions = 1
    cookie = f"sessionid={peer.sign_in(peer.username, peer.password).cookies['sessionid']}"
    path = f"/source/{control.private_source}/"
    assert pages.kind_of(peer.get(path, cookie).body) is PageKind.DENIED
    assert pages.signed_in_user(peer.get("/source/about/", cookie).body) is None
    control.faults.short_sessions = count
    http = Http(peer.base_url, peer.clock, peer.handle)
    site = Site(http, WebRate(peer.clock), Credentials(peer.username, password=peer.password))
    assert site.source(control.private_source).classifiers
    assert site.annotations(control.private_source, Search()).startswith(b"Name,")


def test_an_image_of_a_private_source_is_denied_like_its_source(peer: Peer, control: Control) -> None:
    photo = control.service.site.sources_by_id[control.private_source].photos[0]
    reply = peer.get(f"/image/{photo.id}/view/")
    assert (reply.status, pages.kind_of(reply.body)) == (200, PageKind.DENIED)


def test_a_rejected_classifier_is_not_on_its_sources_page(peer: Peer, control: Control) -> None:
    source = read_source(peer.get(f"/source/{peer.source}/").body, peer.source)
    trained = [one.id for one in control.service.site.sources_by_id[peer.source].classifiers]
    assert control.rejected_classifier in trained
    assert [one.id for one in source.classifiers] == [str(n) for n in trained if n != control.rejected_classifier]


def test_odd_names_are_whole_on_every_page_and_decide_nothing(peer: Peer, control: Control) -> None:
    site = Site(Http(peer.base_url, peer.clock, peer.handle), WebRate(peer.clock))
    found = site.browse(ODD_SOURCE, Search(), IdRange(1))
    assert tuple(image.name for image in found.images) == ODD_NAMES
    for image in found.images:
        reply, page = peer.image_page(image.id)
        assert (pages.kind_of(reply.body), page.name) == (PageKind.CONTENT, image.name)


@pytest.mark.parametrize("page", [0, -1])
def test_a_page_before_the_first_is_the_last_too(peer: Peer, page: int) -> None:
    assert browse(peer, f"page={page}") == browse(peer, "page=99999")


def test_parameters_that_are_unknown_change_nothing(peer: Peer) -> None:
    assert browse(peer, "page_size=100&certainly_unknown=1") == browse(peer, "")
