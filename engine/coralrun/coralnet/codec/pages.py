"""CoralNet's web pages, read into data.

Rule: pure; HTML in, frozen dataclasses out. What a person wrote (a name, a comment) is only ever read as text, never
searched for signs of what page this is. A page that is not what protocol sections 6 to 10 describe raises
`NotUnderstood`, and no other exception leaves this module. Denied pages are HTTP 200, so `kind_of` looks first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coralrun.coralnet.codec.html import attribute, number, one_line, parse, words
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.planning.images import Size

_DENIED = ("you don't have permission to view this page", "You don't have permission to access this part")
_NOT_FOUND = "Page could not be found."
_NO_RESULTS = "No image results."
_BAD_SEARCH = "Search parameters were invalid."
_STATUSES = ("unclassified", "unconfirmed", "confirmed")
_BLANK = "-"  # protocol 10
_DETAILS = "Other image details"  # what heads the block of them; another block tells of points (protocol, corrections)
_NO_DETAILS = ("Name", "Full resolution", "Upload date", "Uploaded by")
_SIDE_MOST = 1_000_000  # pixels; a wider image is a misread page

_ACCOUNT = re.compile(r"Account \((.+)\)", re.DOTALL)
_IMAGE_PATH = re.compile(r"/image/([0-9]{1,12})/view/")
_SHOWING = re.compile(r"Showing [0-9,]+\s*-\s*[0-9,]+ of ([0-9,]{1,15})")
_RESOLUTION = re.compile(r"Full resolution: ([0-9]{1,9}) x ([0-9]{1,9}) pixels")


class PageKind(StrEnum):
    """What a page is, whatever was asked for."""

    CONTENT = "content"
    DENIED = "denied"
    LOGIN = "login"
    NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class WebPage:
    """One page: what kind it is, its HTML, and the Date header of the reply that carried it.

    Where a table was asked for, `is_table` says that it came; a refusal is a page (protocol 7).
    """

    kind: PageKind
    html: bytes
    date: str | None
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class BrowsedImage:
    """One image of a browse page; `status` is unclassified, unconfirmed or confirmed."""

    id: int
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class BrowsePage:
    """One page of a search; `total` counts the whole search's images; not `valid` if the search itself is wrong."""

    images: tuple[BrowsedImage, ...]
    total: int
    has_next: bool
    valid: bool = True


@dataclass(frozen=True, slots=True)
class ImagePage:
    """One image: its name, the address of the original file as the page gives it, and its raw size."""

    name: str
    address: str
    size: Size


def kind_of(html: bytes) -> PageKind:
    """What kind of page a reply with status 200 is; what does not exist has a status of its own."""
    page = parse(html)
    if page.css_first("form input[name=username]") and page.css_first("form input[name=password]"):
        return PageKind.LOGIN
    said = words(page.css_first("#content-container"))
    if words(page.css_first("head title")) == "CoralNet" and any(text in said for text in _DENIED):
        return PageKind.DENIED
    return PageKind.CONTENT


def is_not_found(html: bytes) -> bool:
    """Whether a reply with status 404 is CoralNet's own word, and not a proxy's."""
    return _NOT_FOUND in words(parse(html).body)


def login_token(html: bytes) -> str:
    """The CSRF token of a login page."""
    node = parse(html).css_first("input[name=csrfmiddlewaretoken]")
    token = attribute(node, "value")
    if not re.fullmatch(r"[0-9A-Za-z]{8,200}", token):
        raise NotUnderstood("login page: no CSRF token")
    return token


def login_failure(html: bytes) -> str:
    """What a login page says against the login; "" if nothing."""
    return " ".join(words(node) for node in parse(html).css("ul.errorlist li"))


def signed_in_user(html: bytes) -> str | None:
    """The user name that a page greets; None if nobody is signed in."""
    for node in parse(html).css('a[href^="/accounts/profile/detail/"]'):
        match = _ACCOUNT.fullmatch(words(node))
        if match is not None:
            return match[1]
    return None


def read_browse(html: bytes) -> BrowsePage:
    """One page of browse results."""
    page = parse(html)
    images = tuple(_browsed(node) for node in page.css("span.thumb_wrapper"))
    said = words(page.css_first("#content-container") or page.body)
    if not images:
        if _BAD_SEARCH in said:
            return BrowsePage((), 0, has_next=False, valid=False)
        if _NO_RESULTS in said:
            return BrowsePage((), 0, has_next=False)
        raise NotUnderstood("browse page: neither images nor a word about none")
    pagination = words(page.css_first("div.pagination"))
    showing = _SHOWING.search(pagination)
    if showing is None:
        raise NotUnderstood("browse page: no count")
    has_next = page.css_first('div.pagination a.prev-next-page[title="Next page"]') is not None
    return BrowsePage(images, number(showing[1]), has_next)


def read_image(html: bytes) -> ImagePage:
    """An image's page; never the scaled image that it shows to people."""
    page = parse(html)
    address = attribute(page.css_first("#original_image_container img"), "src").strip()
    if not address:
        raise NotUnderstood("image page: no original image")
    lines = [node.text().strip() for node in _details(page)]
    name = next((line.removeprefix("Name:").strip() for line in lines if line.startswith("Name:")), "")
    size = next((match for match in map(_RESOLUTION.match, map(one_line, lines)) if match is not None), None)
    if not name or size is None:
        raise NotUnderstood("image page: no name or size")
    width, height = int(size[1]), int(size[2])
    if not (0 < width <= _SIDE_MOST and 0 < height <= _SIDE_MOST):
        raise NotUnderstood("image page: size")
    return ImagePage(name, address, Size(width, height))


def read_details(html: bytes) -> tuple[tuple[str, str], ...]:
    """What an image's page says of the photo: date, the source's own fields, and details; "" for what is blank.

    The names of the fields are those of the page; `Height (Cm)` there is `Height (cm)` in CoralNet's tables.
    """
    page = parse(html)
    table = page.css_first("table.detail_table.horizontal")
    if table is None:
        raise NotUnderstood("image page: no table of date and fields")
    names, values = ([words(cell) for cell in table.css(kind)] for kind in ("th", "td"))
    if len(names) != len(values) or not all(names):
        raise NotUnderstood("image page: the table of date and fields")
    found = [(name, "" if value == _BLANK else value) for name, value in zip(names, values, strict=True)]
    for node in _details(page):
        name, colon, value = words(node).partition(":")
        if colon and name not in _NO_DETAILS:
            found.append((name.replace("(Cm)", "(cm)"), value.strip()))
    fields = distinct(["Name", *(name for name, _ in found)])[1:]
    return tuple(zip(fields, (value for _, value in found), strict=True))


def distinct(fields: Iterable[str]) -> list[str]:
    """Names of fields, with a number behind each that stands there before in whatever case: a source may call a field
    of its own `Depth`, as CoralNet calls one of every image's."""
    seen: Counter[str] = Counter()
    names = []
    for field in fields:
        seen[field.casefold()] += 1
        number = seen[field.casefold()]
        names.append(field if number == 1 else f"{field} ({number})")
    return names


def _details(page: LexborHTMLParser) -> list[LexborNode]:
    """The lines of the block of details of an image's page."""
    for block in page.css("div.details"):
        if words(block.css_first("h3")) == _DETAILS:
            return block.css("li")
    return []


def _browsed(node: LexborNode) -> BrowsedImage:
    path = _IMAGE_PATH.fullmatch(attribute(node.css_first("a"), "href"))
    picture = node.css_first("img")
    name = attribute(picture, "alt")
    status = next((word for word in attribute(picture, "class").split() if word in _STATUSES), "")
    if path is None or not name or not status:
        raise NotUnderstood("browse page: an image without id, name or status")
    return BrowsedImage(int(path[1]), name, status)
