"""What crosses the border of the embedded CoralNet: a request in, a reply out, both of plain bytes.

Rule: nothing here knows sockets, threads or real time. Whoever plugs the service in (an HTTP server, a client's
transport, a simulation) turns its own messages into these and back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

API_TYPE = "application/vnd.api+json"
HTML_TYPE = "text/html; charset=utf-8"

Headers = tuple[tuple[str, str], ...]


class Clock(Protocol):
    """The service's only notion of time."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class ReplyLost(ConnectionError):
    """The request took effect, and the connection closed before a reply was sent."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` is percent-decoded, `query` is the raw text after the question mark."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client_ip: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """One header's value whatever the case of its name, None if it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)

    def cookie(self, name: str) -> str | None:
        """One cookie's value, None if it was not sent."""
        for part in (self.header("Cookie") or "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value.strip('"')
        return None

    def arguments(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def ticked(self, name: str) -> frozenset[str]:
        """All values of a field that a form-encoded body may repeat."""
        fields = parse_qsl(self.body.decode("utf-8", errors="replace"), keep_blank_values=True)
        return frozenset(value for key, value in fields if key == name)

    def form(self) -> dict[str, str]:
        """The fields of a form-encoded body; of a repeated one the last counts."""
        return dict(parse_qsl(self.body.decode("utf-8", errors="replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header whatever the case of its name, None if there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def with_headers(self, *more: tuple[str, str]) -> Reply:
        """The same reply with further headers."""
        return Reply(self.status, (*self.headers, *more), self.body)


def html_reply(status: int, page: str) -> Reply:
    """A web page."""
    return Reply(status, (("Content-Type", HTML_TYPE),), page.encode())


def redirect(location: str, status: int = 302) -> Reply:
    """An empty reply that points elsewhere."""
    return Reply(status, (("Location", location), ("Content-Type", HTML_TYPE)))


def json_reply(document: object) -> Reply:
    """An answer to a page's own script."""
    return Reply(200, (("Content-Type", "application/json"),), json.dumps(document).encode())


def api_reply(status: int, document: object) -> Reply:
    """A reply of the API, in its own media type."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, (("Content-Type", API_TYPE),), text.encode("utf-8", errors="surrogatepass"))
