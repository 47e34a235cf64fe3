"""What a live server may hold and need not: odd names, a closed account, hosts in trouble.

Rule: only an embedded CoralNet has these, so only tests that take `control` ask about them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPMessage, IncompleteRead
from typing import ClassVar
from urllib.error import HTTPError, URLError

from PIL import Image

from coralrun.emulator.demo import PASSWORD
from coralrun.emulator.site import Account, Annotation, InUse, Picture, Points, Scores, Source, TrainedClassifier
from coralrun.machine.reasons import Reason

ODD_SOURCE = 3
ODD_SOURCE_NAME = "Reef & Sons <1>"
PINNED_SOURCE, BORROWING_SOURCE = 4, 5
PINNED, NEWER = 41, 42
"""The classifier that a source was set to use, and a newer one of its own."""
EDITORS = ((8, "ann"), (5, "demo"))
COMMENTS = "first: line\nsecond line"
ODD_IMAGE = 1000  # the id of the first odd image
ODD_NAMES = (
    'a "quoted" <b>name</b> & more.jpg',
    "=1+1",
    "../../escape.jpg",
    "l'été 🐠.JPG",
    "x" * 200,
    "page 1 of 2 &amp; Sorry, you don't have permission to view this page.jpg",
    "Straße.jpg",
    "STRASSE.jpg",
    "ﬁle.jpg",
    "file.jpg",
)
CLOSED_USERNAME = "closed"
CLOSED = Account(7, CLOSED_USERNAME, "closed@example.org", PASSWORD, max_active=0)
"""An account that may have no jobs at all."""


def odd(source: Source) -> Source:
    """A public source with odd names and without a classifier, its photos like those of another one."""
    photos = tuple(
        replace(
            photo,
            id=ODD_IMAGE + number,
            name=name,
            file=f"images/odd{number}.jpg",
            annotator="",
            details={**photo.details, "Depth": f"{number} m", "Comments": COMMENTS},
        )
        for number, (name, photo) in enumerate(zip(ODD_NAMES, source.photos, strict=False))
    )
    return Source(ODD_SOURCE, ODD_SOURCE_NAME, True, source.members, source.labels, photos, (), editors=EDITORS)


class Tied:
    """A classifier whose suggestions are tied in whole percent, and not in truth; the lower label id is the lesser."""

    accuracy = 0.5
    scores: ClassVar[Scores] = [(5, 0.2049), (4, 0.2031), (3, 0.2012), (2, 0.1958), (1, 0.1951)]

    def __call__(self, picture: Picture, points: Points) -> list[Scores]:
        return [self.scores for _ in points]

    held_out = __call__


def in_use(source: Source) -> tuple[Source, ...]:
    """Two sources that were set to use one classifier: an older one of its own, and one of the odd source."""
    older, newer = (
        TrainedClassifier(number, True, number, "0:00:01", f"Nov. {number - 30}, 2026", Tied())
        for number in (PINNED, NEWER)
    )
    photos = tuple(
        replace(
            photo,
            id=2000 - number,
            name=f"photo {number}.jpg",
            file=f"images/tied{number}.jpg",
            status="unconfirmed",
            annotations=lambda: (Annotation(1, 2), Annotation(3, 4)),
        )
        for number, photo in enumerate(source.photos[:3])
    )
    own = InUse(older, newer)
    borrowed = InUse(older, older, (ODD_SOURCE, ODD_SOURCE_NAME))
    return tuple(
        Source(number, name, True, source.members, source.labels, kept, trained, in_use=used)
        for number, name, kept, trained, used in (
            (PINNED_SOURCE, "Pinned", photos, (older, newer), own),
            (BORROWING_SOURCE, "Borrowing", (), (), borrowed),
        )
    )


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
