"""The service's error texts of failed images, each turned into one of the engine's own reasons.

Rule: the table is the whole policy, read from the top, first match wins; an unknown text is a `SERVICE_ERROR`, which
is tried again within the attempts. The texts are those of protocol 4. The image's URL is taken out before matching, so
that a file named "HTTP Error 404.jpg" decides nothing.
"""

from __future__ import annotations

import re

from coralrun.coralnet.codec.urls import is_signed
from coralrun.machine.reasons import Reason

_TABLE: tuple[tuple[re.Pattern[str], Reason], ...] = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"RowColumnInvalidError", Reason.POINT_OUTSIDE),
        (r"DataLimitError", Reason.TOO_MANY_PIXELS),
        (r"UnidentifiedImageError", Reason.NOT_AN_IMAGE),
        (r"HTTP Error (404|410)\b", Reason.NOT_FOUND),
        (r"HTTP Error (401|403|451)\b", Reason.HOST_REFUSED),
        (r"HTTP Error \d{3}\b", Reason.HOST_ERROR),
        (r"unknown url type|no host given|InvalidURL|Unicode\w*Error", Reason.BAD_URL),
        (r"Couldn't read the full response|IncompleteRead|timed out|TimeoutError", Reason.DOWNLOAD_BROKEN),
        (r"ConnectionResetError|RemoteDisconnected|BrokenPipeError", Reason.DOWNLOAD_BROKEN),
        (r"URLError|Connection refused", Reason.HOST_UNREACHABLE),
    )
)

# A bucket refuses an overdue signature with 403 and an overdue session token with 400; a fresh URL mends both.
_EXPIRED = re.compile(r"HTTP Error (400|401|403)\b")


def reason_of(text: str, url: str) -> Reason:
    """The reason for one error text about one URL, as it was sent."""
    said = text.replace(url, "") if url else text
    if _EXPIRED.search(said) and is_signed(url):
        return Reason.URL_EXPIRED
    for pattern, reason in _TABLE:
        if pattern.search(said):
            return reason
    return Reason.SERVICE_ERROR
