"""What a live server may hold and need not: odd names, a closed account, hosts in trouble.

Rule: only an embedded CoralNet has these, so only tests that take `control` ask about them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPMessage, IncompleteRead
from urllib.error import HTTPError, URLError

from PIL import Image

from coralrun.emulator.demo import PASSWORD
from coralrun.emulator.site import Account, Source
from coralrun.machine.reasons import Reason

ODD_SOURCE = 3
ODD_IMAGE = 1000  # the id of the first odd image
ODD_NAMES = (
    'a "quoted" <b>name</b> & more.jpg',
    "=1+1",
    "../../escape.jpg",
    "l'été 🐠.JPG",
    "x" * 200,
    "page 1 of 2 &amp; Sorry, you don't have permission to view this page.jpg",
)
CLOSED_USERNAME = "closed"
CLOSED = Account(7, CLOSED_USERNAME, "closed@example.org", PASSWORD, max_active=0)
"""An account that may have no jobs at all."""


def odd(source: Source) -> Source:
    """A public source with odd names and without a classifier, its photos like those of another one."""
    photos = tuple(
        replace(photo, id=ODD_IMAGE + number, name=name, file=f"images/odd{number}.jpg")
        for number, (name, photo) in enumerate(zip(ODD_NAMES, source.photos, strict=False))
    )
    return Source(ODD_SOURCE, "Odd & sons", True, source.members, source.labels, photos, ())


def _fails(error: Exception) -> Callable[[], bytes]:
    def fail() -> bytes:
        raise error

    return fail


def _too_large() -> bytes:
    packed = io.BytesIO()
    Image.new("1", (8100, 8000)).save(packed, "png")
    return packed.getvalue()


HOSTS: dict[str, tuple[Callable[[], bytes], str, Reason]] = {
    "https://ill.test/": (
        _fails(HTTPError("", 500, "Internal Server Error", HTTPMessage(), None)),
        "HTTPError: HTTP Error 500: Internal Server Error",
        Reason.HOST_ERROR,
    ),
    "https://guarded.test/": (
        _fails(HTTPError("", 403, "Forbidden", HTTPMessage(), None)),
        "HTTPError: HTTP Error 403: Forbidden",
        Reason.HOST_REFUSED,
    ),
    "https://slow.test/": (_fails(TimeoutError("timed out")), "TimeoutError: timed out", Reason.DOWNLOAD_BROKEN),
    "https://closed.test/": (
        _fails(URLError(ConnectionRefusedError(111, "Connection refused"))),
        "URLError: <urlopen error [Errno 111] Connection refused>",
        Reason.HOST_UNREACHABLE,
    ),
    "https://half.test/": (
        _fails(IncompleteRead(b"x" * 53, 99_947)),
        "IncompleteRead: IncompleteRead(53 bytes read, 99947 more expected)",
        Reason.DOWNLOAD_BROKEN,
    ),
    "https://large.test/": (
        _too_large,
        "has 8100 x 8000 = 64800000 total pixels, which is larger than the max allowed of 64000000.",
        Reason.TOO_MANY_PIXELS,
    ),
}
"""For each address what it answers, what the service says of that, and the reason that the client reads from it."""


def download(url: str) -> bytes:
    """A downloader for which only these hosts exist."""
    for address, (answer, _, _) in HOSTS.items():
        if url.startswith(address):
            return answer()
    raise URLError(OSError(-2, "Name or service not known"))
