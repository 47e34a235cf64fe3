"""URLs of images: the mark that coralrun adds, the secrets that it cuts out, and how long a signed one lives.

Rule: pure. A fragment is never sent to an image's host and comes back verbatim in a result (protocol 12, 6b): that is
where a mark travels. A query may hold a signature that a service issued to us: no text leaves `coralnet` with one.
"""

from __future__ import annotations

import math
import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from coralrun.coralnet.protocol import URL_LIFE_S
from coralrun.values.addresses import encoded
from coralrun.values.signatures import query_of, signature_of

MARK_KEY = "#coralrun="
DETAIL_CHARS = 300  # enough for every text of the service's, short enough for a line of a log

_USERINFO = re.compile(r"(?<=://)[^/?#@\s]*@")
_QUERY_IN_TEXT = re.compile(r"\?[^\s'\"<>#]+")
_SIGNED = frozenset(
    {"expires", "signature", "sig", "x-amz-expires", "x-amz-signature", "x-goog-expires", "x-goog-signature"}
)


def marked_url(url: str, mark: str) -> str:
    """The URL as it is sent: read as every other reader does, with the mark as its fragment; no fragment for ""."""
    return f"{encoded(url)}{MARK_KEY}{mark}" if mark else encoded(url)


def mark_of(url: str) -> str:
    """The mark that a URL carries, "" for none."""
    return url.partition(MARK_KEY)[2]


def without_query(url: str) -> str:
    """A URL without its query and without a user's name and password; its fragment stays."""
    head, hash_sign, fragment = url.partition("#")
    return _USERINFO.sub("", head.partition("?")[0]) + hash_sign + fragment


def redact(text: str, *secrets: str) -> str:
    """Any text without the queries of the URLs in it and without the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "(hidden)")
    return _USERINFO.sub("", _QUERY_IN_TEXT.sub("", text))


def redact_url_in(text: str, url: str) -> str:
    """A text about one known URL without that URL's query, however oddly it is written, nor any other's."""
    text = text.replace(url, without_query(url))
    query = url.partition("#")[0].partition("?")[2]
    if query:
        text = text.replace("?" + query, "")
    return redact(text)


def detail_of(text: str, *secrets: str) -> str:
    """A text for people and logs: redacted, on one line, no longer than `DETAIL_CHARS`."""
    line = " ".join(redact(text, *secrets).split())
    return line if len(line) <= DETAIL_CHARS else line[: DETAIL_CHARS - 3] + "..."


def is_signed(url: str) -> bool:
    """Whether the URL carries a signature that runs out."""
    return not _SIGNED.isdisjoint(query_of(url))


def life_s(url: str, date: str | None) -> float | None:
    """How long a URL lives from the reply that carried it; None for ever, 0 when it is over.

    `date` is that reply's Date header: the user's own clock may be wrong by more than a URL's life. Where the header
    is missing, a URL that a page has just signed is taken to have its whole life before it (protocol 5).
    """
    signature = signature_of(url)
    if signature is None:
        return None
    now = _http_date(date)
    if now is None or signature.ends_s is None:
        return float(URL_LIFE_S) if signature.span_s is None else signature.span_s
    return max(0.0, signature.ends_s - now)


def _http_date(text: str | None) -> float | None:
    """Seconds since 1970 of an HTTP date; None when it cannot be read."""
    try:
        moment = parsedate_to_datetime(text or "")
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        return None
    return stamp if math.isfinite(stamp) else None
