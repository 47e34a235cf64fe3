"""The readers of web pages, on pages written as the protocol notes describe them."""

from __future__ import annotations

import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.pages import PageKind
from coralrun.coralnet.codec.source_page import InUse, read_source
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.planning.images import Size
from coralrun.planning.model import Classifier

PLOT = (
    "let classifierPlotData = [{'x': 1, 'y': 22, 'nimages': 30, 'traintime': '0:00:00', 'date': 'Nov. 22, 2026', "
    "'pk': '3'}, {'x': 2, 'y': 24, 'nimages': 42, 'traintime': '0:00:00', 'date': 'Nov. 23, 2026', 'pk': '4'}];"
)
ODD_NAMES = [
    "plain.jpg",
    "quote\"s and 'more'.jpg",
    "a, b; c.jpg",
    "=SUM(A1).jpg",
    "#1 & <b>.jpg",
    "../../etc/passwd",
    "slash/in/name.jpg",
    "two\nlines.jpg",
    "reef 🐠 é.jpg",
    "Sorry, you don't have permission to view this page.",
    "No image results.",
    "&amp;lt;.jpg",
]


def whole(content: str, title: str = "Moorea | CoralNet") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body>"
        f'<div id="content-container">{content}</div></body></html>'
    ).encode()


def source(plot: str = PLOT, more: str = "") -> bytes:
    return whole(
        '<h2 style="text-transform: none;"><a href="/source/1/">Moorea &amp; <i>co</i></a></h2>'
        '<table class="detail_box_table"><tr><td>Confirmed:</td><td><a href="/x">12</a></td></tr>'
        '<tr><td>Total images:</td>\n<td><a href="/source/1/browse/images/">1,412</a></td></tr></table>'
        f"<ul>{more}</ul><script>\n  let other = [];\n  {plot}\n</script>"
    )


def thumb(number: int, name: str, status: str = "confirmed") -> str:
    shown = escape(name)
    return (
        f'<span class="thumb_wrapper"><a href="/image/{number}/view/"><img class="thumb {status} media-async" src="/p" '
        f'title="{shown} - Confirmed" alt="{shown}" /></a></span>'
    )


def browse(*thumbs: str, showing: str = "Showing 1-20 of 141", following: bool = True) -> bytes:
    link = '<a href="?page=2" class="prev-next-page" title="Next page">&gt;</a>' if following else ""
    return whole(
        f'<div class="pagination">\n {showing}\n <span>Page 1\n of 8</span>{link}</div>' + "".join(thumbs),
        "Moorea | Images | CoralNet",
    )


def image(url: str = "/media/a.jpg", name: str = "a.jpg", size: str = "1600 x 1200", more: str = "") -> bytes:
    return whole(
        '<div id="scaled_image_container"><img src="/media/a.jpg.800x0_q85.jpg" /></div>'
        f'<div id="original_image_container" style="display:none;"> <img src="{escape(url)}" /> </div>'
        '<div class="details"><h3>Annotation and point location status</h3><ul><li><div><h3>Information</h3><ul>'
        "<li> Annotation area: of this image.</li></ul><h3>Action buttons</h3><ul><li> Name: not this one</li></ul>"
        "</div></li><li>Annotation status: <b>Confirmed (completed)</b></li>"
        "<li>Full resolution: 9 x 9 pixels</li></ul></div>"
        f'<div class="details"><h3>Other image details</h3><ul><li>Name: {escape(name)}</li>'
        f"<li>Full resolution: {size} pixels</li>{more}</ul></div>",
        f"{escape(name)} | CoralNet",
    )


def test_a_source_page_gives_its_classifiers_oldest_first() -> None:
    page = read_source(source(), 1)
    assert page.name == "Moorea & co"
    assert page.images == 1412
    assert page.in_use is None
    assert page.classifiers == (
        Classifier(id="3", source=1, accuracy=22, date="Nov. 22, 2026", images=30),
        Classifier(id="4", source=1, accuracy=24, date="Nov. 23, 2026", images=42),
    )


def test_a_source_that_uses_anothers_classifier_says_whose() -> None:
    line = '<li>Active classifier: 4, from <a href="/source/7/" target="_blank">{}</a>, trained Nov. 22</li>'
    for name in ("Moorea LTER", "this source", "Reef &amp; Sons &lt;1&gt; (latest: 9, trained Nov. 22, 2026)"):
        page = read_source(source("let classifierPlotData = [];", line.format(name)), 1)
        assert page.classifiers == ()
        assert page.in_use == InUse(classifier="4", source=7)


@pytest.mark.parametrize(("more", "latest"), [("", None), (" (latest: 14, trained Nov. 23, 2026)", "14")])
def test_a_source_that_was_set_to_use_one_of_its_own_classifiers_has_that_one(more: str, latest: str | None) -> None:
    line = f"<li>Active classifier: 4, from this source, trained Nov. 22, 2026{more}</li>"
    page = read_source(source("let classifierPlotData = [];", line), 1)
    assert (page.classifiers, page.in_use) == ((), InUse(classifier="4", source=1, latest=latest))


@pytest.mark.parametrize(
    "line", ["Active classifier: None", "Active classifier: 4", "Active classifier: 4, from there"]
)
def test_a_classifier_of_nobody_knows_whom_is_none(line: str) -> None:
    assert read_source(source("let classifierPlotData = [];", f"<li>{line}</li>"), 1).in_use is None


def test_a_source_without_a_classifier_has_none() -> None:
    page = read_source(source("let classifierPlotData = [];", "<li>Classifier status: No classifier yet.</li>"), 1)
    assert page.classifiers == ()
    assert page.in_use is None


@pytest.mark.parametrize(
    "plot",
    [
        "let classifierPlotData = [__import__('os').getcwd()];",
        "let classifierPlotData = [1];",
        "let classifierPlotData = [{'pk': '3'}];",
        PLOT.replace("'pk': '3'", "'pk': 3"),
        PLOT.replace("'pk': '3'", "'pk': '" + "3" * 5000 + "'"),
        PLOT.replace("'y': 22", "'y': True"),
        "let classifierPlotData = [" + "(" * 5000 + ")" * 5000 + "];",
        "let classifierPlotData = ['" + "x" * 2_000_000 + "'];",
        "let classifierPlotData = [\x00];",
    ],
)
def test_classifier_data_that_is_no_plain_literal_is_not_understood(plot: str) -> None:
    with pytest.raises(NotUnderstood):
        read_source(source(plot), 1)


def test_another_page_than_the_sources_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        read_source(source(), 2)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_browse_page_gives_every_name_as_it_was_uploaded(name: str) -> None:
    page = pages.read_browse(browse(thumb(25, name), thumb(26, "b.jpg", "unclassified")))
    assert page.images == (
        pages.BrowsedImage(25, name, "confirmed"),
        pages.BrowsedImage(26, "b.jpg", "unclassified"),
    )
    assert (page.total, page.has_next, page.valid) == (141, True, True)


def test_the_last_browse_page_has_no_next() -> None:
    page = pages.read_browse(browse(thumb(1, "a"), showing="Showing 1,401-1,412 of 1,412", following=False))
    assert not page.has_next
    assert page.total == 1412


def test_no_results_an_invalid_search_and_a_strange_page_are_three_things() -> None:
    assert pages.read_browse(whole("<p>No image\nresults.</p>")) == pages.BrowsePage((), 0, has_next=False)
    assert not pages.read_browse(whole("<p>Search parameters were invalid.</p>")).valid
    with pytest.raises(NotUnderstood):
        pages.read_browse(whole("<p>Welcome</p>"))


@pytest.mark.parametrize(
    "thumbs",
    [
        thumb(1, "a").replace("/image/1/view/", "/image/x/view/"),
        thumb(1, ""),
        thumb(1, "a", "odd"),
        "<span class=thumb_wrapper></span>",
    ],
)
def test_a_thumbnail_without_id_name_or_status_is_not_understood(thumbs: str) -> None:
    with pytest.raises(NotUnderstood):
        pages.read_browse(browse(thumbs))


def test_a_browse_page_without_a_count_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        pages.read_browse(browse(thumb(1, "a"), showing="Showing all"))


def test_an_image_page_gives_the_original_file_with_its_url_unescaped() -> None:
    url = "https://b.test/a.jpg?AWSAccessKeyId=A&Signature=x%2B&Expires=1795368316"
    page = pages.read_image(image(url))
    assert page == pages.ImagePage("a.jpg", url, Size(1600, 1200))
    assert b"&amp;Signature" in image(url)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_image_page_gives_its_name_and_is_content_whatever_the_name_says(name: str) -> None:
    assert pages.read_image(image(name=name)).name == name
    assert pages.kind_of(image(name=name)) is PageKind.CONTENT


def test_a_comment_cannot_pass_for_the_resolution() -> None:
    page = pages.read_image(image(more="<li>Comments: <span>Full resolution: 1 x 1 pixels</span></li>"))
    assert page.size == Size(1600, 1200)


@pytest.mark.parametrize(
    "html",
    [
        image(url=""),
        image(size="0 x 1200"),
        image(size="99999999 x 1200"),
        image(size="big"),
        image().replace(b"original_image_container", b"other"),
        b"",
        b"\xff\xfe",
    ],
)
def test_an_image_page_without_url_or_size_is_not_understood(html: bytes) -> None:
    with pytest.raises(NotUnderstood):
        pages.read_image(html)


def details(table: str, *items: str) -> bytes:
    more = "".join(f"<li>{item}</li>" for item in items)
    html = image(more=more)
    return html.replace(b"</body>", f'<table class="detail_table horizontal">{table}</table></body>'.encode())


def test_an_image_page_tells_the_date_the_sources_own_fields_and_the_details() -> None:
    table = (
        "<tr><th>Date</th><th>Site</th><th>Aux5</th></tr>\n"
        "<tr><td>2008-04-15</td><td>\n LTER &amp; 1 </td><td>-</td></tr>"
    )
    html = details(
        table,
        "Upload date: Nov. 22, 2026, 8:11 a.m.",
        "Uploaded by: alice",
        "Height (Cm): 50",
        "Depth: 10",
        "Comments: <span>first: line<br>second</span>",
    )
    assert pages.read_details(html) == (
        ("Date", "2008-04-15"),
        ("Site", "LTER & 1"),
        ("Aux5", ""),
        ("Height (cm)", "50"),
        ("Depth", "10"),
        ("Comments", "first: line second"),
    )


def test_a_comment_cannot_pass_for_a_field_of_the_table() -> None:
    table = "<tr><th>Date</th></tr><tr><td>2008-04-15</td></tr>"
    assert dict(pages.read_details(details(table, "Date: 1999-01-01")))["Date"] == "2008-04-15"


@pytest.mark.parametrize("table", ["<tr><th>Date</th></tr>", "<tr><th></th></tr><tr><td>1</td></tr>"])
def test_a_table_of_fields_that_does_not_fit_is_not_understood(table: str) -> None:
    with pytest.raises(NotUnderstood):
        pages.read_details(details(table))
    with pytest.raises(NotUnderstood):
        pages.read_details(image())


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, you don&#x27;t have permission to view this page.",
        "You don&#x27;t have permission to access this part of this source.",
    ],
)
def test_a_denied_page_is_known_by_its_text(text: str) -> None:
    assert pages.kind_of(whole(f"<p><p>{text}</p></p>", "CoralNet")) is PageKind.DENIED


def test_a_login_page_is_known_by_its_form() -> None:
    form = (
        '<form action="" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="abcDEF0123456789">'
        '<ul class="errorlist nonfield"><li>The credentials you entered did not match.</li></ul>'
        '<input name="username"><input type="password" name="password"></form>'
    )
    html = whole(form)
    assert pages.kind_of(html) is PageKind.LOGIN
    assert pages.login_token(html) == "abcDEF0123456789"
    assert pages.login_failure(html) == "The credentials you entered did not match."
    assert pages.login_failure(whole("")) == ""
    with pytest.raises(NotUnderstood):
        pages.login_token(whole(""))


def test_a_page_tells_who_is_signed_in() -> None:
    link = '<a href="/accounts/profile/detail/5/"><span>Account (ali (x) ce)</span></a>'
    assert pages.signed_in_user(whole(link)) == "ali (x) ce"
    assert pages.signed_in_user(whole("")) is None


def test_a_missing_page_is_told_from_a_proxys() -> None:
    assert pages.is_not_found(whole("Page could not be found. If you think this is a bug, please let us know"))
    assert not pages.is_not_found(b"<html><body><h1>404 Not Found</h1>nginx</body></html>")


@given(html=st.binary(max_size=80) | st.text(alphabet="<>/=\"' abdimprstv&;#\x00", max_size=80).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_no_page_makes_a_reader_raise_anything_else(html: bytes) -> None:
    for read in (
        pages.kind_of,
        pages.login_token,
        pages.login_failure,
        pages.signed_in_user,
        pages.is_not_found,
        pages.read_browse,
        pages.read_image,
        pages.read_details,
        lambda page: read_source(page, 1),
    ):
        try:
            read(html)
        except NotUnderstood:
            continue


def test_a_page_is_read_in_a_few_milliseconds() -> None:
    html = browse(*[thumb(number, f"image {number}.jpg") for number in range(1, 21)])
    start = time.perf_counter()
    for _ in range(20):
        pages.read_browse(html)
    assert time.perf_counter() - start < 1.0
