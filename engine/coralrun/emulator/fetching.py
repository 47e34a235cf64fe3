"""What becomes of an image's URL when its turn comes: a picture, or the exact text that the real server reports.

Rule: a URL is judged as it is at that moment. One below the service's own address is read directly; any other is
handed to the downloader that was plugged in, and is an unknown host without one. The fragment is dropped on the way
to the host and kept in every text, that of what is no URL at all among them.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from urllib.error import ContentTooShortError, HTTPError, URLError
from urllib.parse import unquote
from urllib.request import ProxyHandler, Request, build_opener

from coralrun.emulator import protocol
from coralrun.emulator.pictures import NotAnImage, picture_of
from coralrun.emulator.site import Picture

_CONTROL = re.compile("[\x00-\x20\x7f]")
_SCHEME = re.compile("([^/:]+):")
HTTP_REASONS = {403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}

Downloader = Callable[[str], bytes]
OwnMedia = Callable[[str, str], Picture | bytes | int]
"""The picture or raw bytes behind a path and query below the service's own address, or the HTTP status of a refusal."""


class FetchFailed(Exception):
    """No picture; the message is the text that stands in the job's result."""


def download(url: str) -> bytes:
    """Download a URL as the real server does, http and https only; loopback is never sent through a proxy."""
    host = url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    direct = [ProxyHandler({})] if host in ("localhost", "127.0.0.1") else []
    with build_opener(*direct).open(Request(url), timeout=protocol.DOWNLOAD_TIMEOUT_S) as response:  # noqa: S310
        content: bytes = response.read()
    return content


class Fetcher:
    """Turns URLs into pictures; `own` answers for URLs below `base_url`."""

    def __init__(self, base_url: str, own: OwnMedia, downloader: Downloader | None) -> None:
        self.base_url = base_url
        self._own = own
        self._downloader = downloader

    def fetch(self, url: str) -> Picture:
        """The picture behind a URL; raises `FetchFailed`."""
        try:
            content = self._content(url)
            return content if isinstance(content, Picture) else picture_of(content)
        except NotAnImage as error:
            raise FetchFailed(str(error)) from error
        except http.client.InvalidURL as error:
            raise FetchFailed(f"http.client.InvalidURL: {error}") from error
        except http.client.IncompleteRead as error:
            raise FetchFailed(
                f"spacer.exceptions.URLDownloadError: Couldn't read the full response from the URL '{url}'."
                f" / Details - IncompleteRead: {error}"
            ) from error
        except (HTTPError, URLError, OSError, ValueError, http.client.HTTPException, ContentTooShortError) as error:
            kind = type(error).__name__
            raise FetchFailed(
                f"spacer.exceptions.URLDownloadError: Failed to download from the URL '{url}'."
                f" / Details - {kind}: {error}"
            ) from error

    def _below_own_address(self, url: str) -> str | None:
        """The path and query of a URL of the service's own, by either name of loopback; None for any other.

        Downloading from itself would wait for itself: the service answers one request at a time.
        """
        for address in (self.base_url, self.base_url.replace("//127.0.0.1", "//localhost")):
            if url.startswith(address + "/"):
                return url.removeprefix(address)
        return None

    def _content(self, asked: str) -> Picture | bytes:
        scheme = _SCHEME.match(asked)
        if scheme is None:
            raise ValueError(f"unknown url type: {asked!r}")
        target, separator, _ = asked.rpartition("#")
        url = target if separator else asked
        if scheme.group(1).lower() not in ("http", "https"):
            raise URLError(f"unknown url type: {scheme.group(1).lower()}")
        _check_request_line(url)
        rest = self._below_own_address(url)
        if rest is not None:
            path, _, query = rest.partition("?")
            found = self._own(unquote(path), query)
            if isinstance(found, int):
                raise _refusal(url, found)
            return found
        if self._downloader is None:
            raise URLError(OSError(-2, "Name or service not known"))
        return self._downloader(url)


def _refusal(url: str, status: int) -> HTTPError:
    return HTTPError(url, status, HTTP_REASONS.get(status, "Error"), http.client.HTTPMessage(), None)


def _check_request_line(url: str) -> None:
    """Raise what the standard library raises for a URL that is not percent-encoded."""
    rest = url.split("//", 1)[-1]
    selector = "/" + rest.partition("/")[2]
    bad = _CONTROL.search(selector)
    if bad:
        raise http.client.InvalidURL(
            f"URL can't contain control characters. {selector!r} (found at least {bad.group()!r})"
        )
    f"GET {selector} HTTP/1.1".encode("ascii")
