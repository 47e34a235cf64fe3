"""A server in memory in place of the network: sessions, cookies, credentials and redirect rules still do their work.

Rule: the function that answers knows nothing of requests, and nothing here knows which server it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPMessage
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

Handle = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Sequence[tuple[str, str]], bytes]]
"""Method, whole URL, headers and body in; status, headers (a name may come twice) and body out."""


class InMemoryAdapter(HTTPAdapter):
    """A transport of requests that calls `handle`; what `handle` raises is what the network would have."""

    def __init__(self, handle: Handle) -> None:
        super().__init__(max_retries=0)
        self._handle = handle

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        """Answer one request, whatever the timeouts, certificates and proxies would be."""
        body = request.body or b""
        sent = body.encode("utf-8") if isinstance(body, str) else bytes(body)
        status, headers, answer = self._handle(request.method or "GET", request.url or "", dict(request.headers), sent)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(answer),
            headers=urllib3.HTTPHeaderDict(list(headers)),
            status=status,
            preload_content=False,
            original_response=_original(headers),  # type: ignore[arg-type]
        )
        return self.build_response(request, raw)


def _original(headers: Sequence[tuple[str, str]]) -> _Original | None:
    """What requests reads cookies from, where there are any."""
    if not any(name.lower() == "set-cookie" for name, _ in headers):
        return None
    message = HTTPMessage()
    for name, value in headers:
        message[name] = value
    return _Original(message)


class _Original:
    """What requests reads cookies from."""

    def __init__(self, message: HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""
