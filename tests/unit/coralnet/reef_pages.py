"""A CoralNet source's web pages in memory, as far as a crawl looks at them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import SplitResult, parse_qs, urlsplit

from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.reading.site import Site
from coralrun.spec.model import CoralNetSource

PAGE_IMAGES = 20
SOURCE = CoralNetSource(source=1)
Raw = tuple[int, list[tuple[str, str]], bytes]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Reef:
    """A source's web pages in memory, as far as a crawl looks at them. `meanwhile` runs before each page."""

    def __init__(self, images: Mapping[int, str], meanwhile: Callable[[dict[int, str], int], None] | None = None):
        self.images = dict(images)
        self.pages = 0
        self.main = ""
        self.others: dict[int, str] = {}
        self._meanwhile = meanwhile
        self._lock = threading.Lock()

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        with self._lock:
            return self._answer(urlsplit(url))

    def _answer(self, address: SplitResult) -> Raw:
        if address.path == "/source/1/":
            return 200, [], html(f'<h2><a href="/source/1/">Reef</a></h2>{self.main}')
        if address.path.count("/") == 3 and address.path.startswith("/source/"):
            number = int(address.path.split("/")[2])
            if number not in self.others:
                return 404, [], html("Page could not be found.")
            return 200, [], html(f'<h2><a href="{address.path}">Other</a></h2>{self.others[number]}')
        if address.path.startswith("/image/"):
            return self._image(int(address.path.split("/")[2]))
        if self._meanwhile is not None:
            self._meanwhile(self.images, self.pages)
        self.pages += 1
        low, high = map(int, parse_qs(address.query)["image_id_range"][0].split("_"))
        backwards = "sort_direction=desc" in address.query
        found = [(number, name) for number, name in sorted(self.images.items()) if low <= number <= high]
        found = found[::-1] if backwards else found
        if not found:
            return 200, [], html("<p>No image results.</p>")
        shown = found[:PAGE_IMAGES]
        link = '<a class="prev-next-page" title="Next page" href="?page=2">&gt;</a>' if len(found) > len(shown) else ""
        thumbs = "".join(
            f'<span class="thumb_wrapper"><a href="/image/{number}/view/"><img class="thumb confirmed" '
            f'alt="{escape(name)}"/></a></span>'
            for number, name in shown
        )
        count = f"Showing 1-{len(shown)} of {len(found)}"
        return 200, [], html(f'<div class="pagination">{count} {link}</div>{thumbs}')

    def _image(self, number: int) -> Raw:
        if number not in self.images:
            return 404, [], html("Page could not be found.")
        return (
            200,
            [],
            html(
                f'<div id="original_image_container"><img src="/media/{number}.jpg"/></div>'
                '<div class="details"><h3>Other image details</h3><ul>'
                f"<li>Name: {escape(self.images[number])}</li><li>Full resolution: 40 x 30 pixels</li></ul></div>"
            ),
        )


def html(content: str) -> bytes:
    return f"<html><head><title>x | CoralNet</title></head><body><div id=content-container>{content}</div>".encode()


def site_of(reef: Reef) -> Site:
    clock = Clock()
    return Site(Http("https://coralnet.test", clock, reef.handle), WebRate(clock, 4.0))


def failing(reef: Reef, *failures: int) -> tuple[Site, list[int]]:
    """A site whose requests of these numbers end with a 502, and the numbers of all requests."""
    clock, asked = Clock(), list[int]()

    def handle(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        asked.append(len(asked) + 1)
        return (502, [], b"Bad gateway") if asked[-1] in failures else reef.handle(method, url, headers, body)

    return Site(Http("https://coralnet.test", clock, handle), WebRate(clock, 4.0)), asked
