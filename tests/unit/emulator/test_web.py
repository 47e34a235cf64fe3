"""The pages carry the marks that a reader of the real pages depends on."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from coralrun.emulator.demo import (
    OTHER_PASSWORD,
    OTHER_USERNAME,
    USERNAME,
)
from coralrun.emulator.messages import Reply, Request

BROWSE = "/source/1/browse/images/"


def text(reply: Reply) -> str:
    return re.sub(r"\s+", " ", reply.body.decode())


def names(reply: Reply) -> list[str]:
    return [html.unescape(name) for name in re.findall('alt="([^"]*)"', reply.body.decode())]


def test_signing_in_redirects_and_rotates_the_csrf_token(make: Any) -> None:
    caller = make()
    caller.page("/accounts/login/")
    before = caller.cookies["csrftoken"]
    reply = caller.sign_in()
    assert (reply.status, reply.header("Location")) == (302, "/source/")
    [session] = [value for key, value in reply.headers if key == "Set-Cookie" and value.startswith("sessionid")]
    assert "HttpOnly" in session and "SameSite=Lax" in session and "Max-Age" not in session
    assert caller.cookies["csrftoken"] != before
    page = text(caller.page("/source/1/"))
    assert f'<a href="/accounts/profile/detail/5/"><span>Account ({USERNAME})</span></a>' in page


def test_staying_signed_in_lasts_thirty_days(make: Any) -> None:
    reply = make().sign_in(more="&stay_signed_in=on")
    assert any("Max-Age=2592000" in value for key, value in reply.headers if value.startswith("sessionid"))


def test_the_list_of_sources_is_for_members(make: Any) -> None:
    caller = make()
    assert caller.page("/source/").header("Location") == "/source/about/"
    caller.sign_in()
    assert '<a href="/source/2/">Private reef</a>' in text(caller.page("/source/"))


def test_a_private_source_is_denied_with_status_200_to_all_but_members(make: Any) -> None:
    caller = make()
    private_image = max(caller.service.site.photos_by_id)
    paths = ["/source/2/", "/source/2/browse/images/", f"/image/{private_image}/view/", "/source/2/export/labelset/"]
    for sign_in in (None, (OTHER_USERNAME, OTHER_PASSWORD)):
        if sign_in:
            assert caller.sign_in(*sign_in).status == 302
        for path in paths:
            reply = caller.page(path)
            assert (reply.status, reply.header("Content-Type")) == (200, "text/html; charset=utf-8")
            assert "<title>CoralNet</title>" in text(reply)
            expected = (
                '<div id="content-container"> <p><p>Sorry, you don&#x27;t have permission to view this page.</p></p>'
            )
            assert expected in text(reply)
    caller.sign_in()
    for path in paths:
        assert "permission" not in text(caller.page(path))


def test_links_to_other_pages_keep_the_search(make: Any) -> None:
    page = text(make().page(BROWSE, "annotation_status=unclassified&page=1"))
    assert '<a href="?annotation_status=unclassified&amp;page=2" class="prev-next-page" title="Next page">' in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("image_name=SITE1+T1", 10),
        ("image_name=site1+site2", 0),
        ("annotation_status=confirmed", 10),
        ("aux1=site2", 20),
        ("aux1=site2&aux3=t1", 10),
        ("aux1=(none)", 0),
        ("aux5=anything", 60),
        ("photo_date_0=year&photo_date_1=2024", 60),
        ("photo_date_0=date&photo_date_2=2024-06-14", 20),
        ("photo_date_0=date_range&photo_date_3=2024-06-13&photo_date_4=2024-06-17", 40),
        ("photo_date_0=(none)", 0),
        ("last_annotated_0=year&last_annotated_1=2024", 10),
        ("last_annotator_0=annotation_tool&last_annotator_1=5", 10),
        ("last_annotated_0=(none)", 50),
        ("last_annotator_0=annotation_tool", 10),
        ("image_id_range=11_30", 20),
        ("image_id_list=1_5_9999", 2),
        ("unknown=1&page_size=100", 60),
    ],
)
def test_a_search_finds_what_it_should(make: Any, query: str, count: int) -> None:
    page = text(make().page(BROWSE, query))
    if count:
        assert f" of {count} " in page
    else:
        assert "No image results." in page and 'class="pagination"' not in page


@pytest.mark.parametrize(
    "query",
    [
        "sort_method=name",
        "sort_direction=asc",
        "annotation_status=done",
        "aux1=Site2",
        "photo_date_0=date",
        "photo_date_0=year&photo_date_1=2023",
        "last_annotated_0=year&last_annotated_1=2023",
        "last_annotator_0=annotation_tool&last_annotator_1=6",
        "photo_date_0=decade",
        "image_id_range=1-10",
        "image_id_list=" + "_".join(map(str, range(101))),
        "last_annotator_0=me",
    ],
)
def test_a_bad_search_is_told_with_status_200_and_no_images(make: Any, query: str) -> None:
    reply = make().page(BROWSE, query)
    assert reply.status == 200 and "Search parameters were invalid." in text(reply)
    assert names(reply) == [] and 'class="pagination"' not in text(reply)


def test_a_posted_search_is_sent_back_to_the_bare_page(make: Any) -> None:
    reply = make().page(BROWSE, method="POST")
    assert (reply.status, reply.header("Location")) == (302, BROWSE)


def media(caller: Any, url: str, method: str = "GET", **headers: str) -> Reply:
    path, _, query = url.removeprefix(caller.service.base_url).partition("?")
    reply: Reply = caller.service.handle(Request(method, path, query, headers))
    return reply


def test_a_signed_url_opens_its_image_until_it_expires_and_only_whole(make: Any) -> None:
    caller = make(url_lifetime_s=100)
    url = caller.image_url(1)
    whole = media(caller, url)
    assert (whole.status, whole.header("Content-Type"), whole.body[:2]) == (200, "image/jpeg", b"\xff\xd8")
    part = media(caller, url, Range="bytes=0-99")
    assert (part.status, part.body) == (206, whole.body[:100])
    assert media(caller, url, "HEAD").status == 403
    assert media(caller, url.replace("&", "&amp;")).status == 403
    assert media(caller, url.replace("Expires=17", "Expires=27")).status == 403
    assert media(caller, url.split("?")[0]).status == 403
    caller.clock.move(99)
    assert media(caller, url).status == 200
    caller.clock.move(1)
    assert media(caller, url).status == 403
    assert media(caller, caller.image_url(1)).status == 200


def test_the_labelset_is_shown_and_exported_to_anyone(make: Any) -> None:
    caller = make()
    page = text(caller.page("/source/1/labelset/"))
    assert "This labelset has 8 labels:" in page
    assert '<td class="name"><a href="/label/4/"> Crustose coralline algae</a></td><td>CCA</td><td>Algae</td>' in page
    table = caller.page("/source/1/export/labelset/")
    assert table.header("Content-Type") == "text/csv"
    assert table.body.startswith(b"Label ID,Short Code\r\n1,Sand\r\n")


def test_metadata_need_a_login_and_obey_the_search(make: Any) -> None:
    caller = make()
    refused = caller.page("/source/1/export/metadata/")
    assert (refused.status, refused.header("Location")) == (302, "/accounts/login/?next=/source/1/export/metadata/")
    caller.sign_in()
    lines = caller.page("/source/1/export/metadata/", "aux1=site3").body.decode().split("\r\n")
    assert lines[0].startswith("Name,Date,Site,Habitat,Transect,Quadrat,Aux5,Height (cm),Latitude,Longitude,Depth,")
    assert len(lines) == 22 and all("site3" in line for line in lines[1:-1])
    assert caller.page("/source/1/export/metadata/", "sort_method=name").header("Location") == BROWSE
