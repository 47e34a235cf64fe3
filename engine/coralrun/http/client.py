"""The one place that sends HTTP: one call, one request, one outcome.

Rule: no call raises for what the world does; it answers `Reply` or `NoReply`. Nothing is retried, no redirect is
followed with credentials, and no text of a library is passed on. Loopback is never reached through a proxy. What a
service of ours is sent, with its credentials, is its own client's.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin

import requests
import urllib3
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from coralrun import limits
from coralrun.http.deadline import BoundedAdapter, TookTooLong
from coralrun.http.inside import leads_inside
from coralrun.ports import Clock
from coralrun.values.addresses import encoded, host_of, is_loopback

USER_AGENT = "coralrun"
PLAIN_REDIRECTS = 5  # an image's public address may stand for another one
BODY_S = 600.0  # a server that sends a byte now and then keeps every read alive: the whole reply has this long

_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TIMEOUT_S = (limits.CONNECT_TIMEOUT_S, limits.READ_TIMEOUT_S)


Keep = Callable[[RequestsCookieJar], None]
"""Whoever keeps the cookies that a reply sets."""


class Failure(StrEnum):
    """Why no reply came."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's whole reply. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """No reply, or none that could be read to its end."""

    failure: Failure
    detail: str


class NoAuth(AuthBase):
    """Says nothing, and by being there keeps .netrc and a URL's user name out."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class PlainHttp:
    """Calls to hosts of public files, without credentials. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plain = {True: session_of(clock, loopback=True), False: session_of(clock, loopback=False)}

    def plain(self, url: str, end: int, start: int = 0) -> Reply | NoReply:
        """The bytes from `start` to before `end` of a public file, without credentials; redirects are followed, but
        none from the public internet into this computer or its network, where only its users have business.

        A host that knows no ranges answers 200 with the file from its beginning, which is read as far as `end`.
        """
        url = encoded(url)
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        for _ in range(PLAIN_REDIRECTS + 1):
            if host_of(url) is None:
                return NoReply(Failure.UNREACHABLE, "not an http or https URL")
            session = self._plain[is_loopback(url)]
            reply = self.send(session, "GET", url, end, headers, auth=NoAuth(), cut=True)
            if isinstance(reply, NoReply) or reply.status not in _REDIRECTS or "location" not in reply.headers:
                return reply
            try:
                target = urljoin(url, reply.headers["location"])
            except ValueError:
                return NoReply(Failure.BROKEN, "a redirect to no address")
            if leads_inside(target) and not leads_inside(url):
                return NoReply(Failure.UNREACHABLE, "a redirect into a private network, which is not followed")
            url = target
        return NoReply(Failure.BROKEN, "too many redirects")

    def send(
        self,
        session: requests.Session,
        method: str,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str],
        *,
        auth: AuthBase,
        data: bytes | Mapping[str, str | Sequence[str]] | None = None,
        cut: bool = False,
        cookies: RequestsCookieJar | None = None,
        keep: Keep | None = None,
    ) -> Reply | NoReply:
        """One request on a session; `keep` is given the cookies that the reply sets, before its body is read."""
        try:
            with session.request(
                method,
                url,
                headers=dict(headers),
                data=data,
                auth=auth,
                cookies=cookies,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as response:
                if keep is not None:
                    keep(response.cookies)
                body = self._read(response, most_bytes, cut=cut)
                if isinstance(body, NoReply):
                    return body
                return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return _no_reply(error)

    def _read(self, response: requests.Response, most_bytes: int, *, cut: bool) -> bytes | NoReply:
        deadline = self._clock.monotonic() + BODY_S
        body = bytearray()
        for chunk in response.iter_content(min(_CHUNK_BYTES, most_bytes)):  # no byte is waited for that is not wanted
            body += chunk
            if cut and len(body) >= most_bytes:
                break
            if len(body) > most_bytes:
                return NoReply(Failure.TOO_LARGE, f"the reply is larger than {most_bytes} bytes")
            if self._clock.monotonic() > deadline:
                return NoReply(Failure.TIMEOUT, _endless())
        return bytes(body[:most_bytes])


def session_of(clock: Clock, loopback: bool) -> requests.Session:
    """A session that retries nothing; the environment's proxies and CA bundle are honoured except for loopback."""
    session = requests.Session()
    session.trust_env = not loopback
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # whoever keeps cookies does so by name
    adapter = BoundedAdapter(clock.monotonic, lambda: BODY_S)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


_IN_WORDS = {
    "gaierror": "the name is not found: is there a network?",
    "ConnectionRefusedError": "nothing answers at that address",
    "TimeoutError": "no answer",
}
"""What people are told of the system's errors when a connection is made."""


def _no_reply(error: Exception) -> NoReply:
    """Only types and certificate messages are told: the libraries' texts quote whole URLs."""
    causes = list(_chain(error))
    innermost = type(causes[-1]).__name__
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoReply(Failure.UNREACHABLE, f"certificate not trusted: {cause.verify_message}")
        if isinstance(cause, ConnectTimeoutError | NewConnectionError):
            return NoReply(Failure.UNREACHABLE, f"could not connect ({_IN_WORDS.get(innermost, innermost)})")
    if any(isinstance(cause, TookTooLong) for cause in causes):
        return NoReply(Failure.TIMEOUT, _endless())
    if any(isinstance(cause, requests.Timeout | TimeoutError) for cause in causes):
        return NoReply(Failure.TIMEOUT, f"no reply within {limits.READ_TIMEOUT_S:.0f} s")
    if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
        return NoReply(Failure.UNREACHABLE, "not a URL that can be asked for")
    return NoReply(Failure.BROKEN, f"the connection broke ({innermost})")


def _endless() -> str:
    return f"the reply did not end within {BODY_S:.0f} s"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it: requests and urllib3 keep causes in arguments as well as in chains."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]
