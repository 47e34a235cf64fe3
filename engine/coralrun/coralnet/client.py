"""The one place that sends HTTP: one call, one request, one outcome.

Rule: no call raises for what the world does; it answers `Reply` or `NoReply`. Nothing is retried and no redirect is
followed with credentials. Three kinds of call never share anything: `api` (token, no cookies), `web` (cookies, no
token), `plain` (other hosts: neither). The token goes in by an auth object, because a bare header is replaced by
Basic from .netrc (protocol 12, 6e); loopback is never reached through a proxy. Secrets go to `base_url` alone.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
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
from coralrun.addresses import encoded, host_of
from coralrun.coralnet.address import check_address, is_loopback
from coralrun.coralnet.deadline import BoundedAdapter, TookTooLong
from coralrun.coralnet.in_memory import Handle, InMemoryAdapter
from coralrun.coralnet.inside import leads_inside
from coralrun.coralnet.wire import MEDIA_TYPE
from coralrun.ports import Clock

USER_AGENT = "coralrun"
PLAIN_REDIRECTS = 5  # an image's public address may stand for another one
CSRF_COOKIE, CSRF_FIELD = "csrftoken", "csrfmiddlewaretoken"  # protocol 6
BODY_S = 600.0  # a server that sends a byte now and then keeps every read alive: the whole reply has this long

_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TIMEOUT_S = (limits.CONNECT_TIMEOUT_S, limits.READ_TIMEOUT_S)


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


class _TokenAuth(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Token {self._token}"
        return request


class _NoAuth(AuthBase):
    """Says nothing, and by being there keeps .netrc and a URL's user name out."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Http:
    """Calls to one service at `base_url`, and plain ones to other hosts. Safe to share between threads.

    `handle`, if given, is called in place of the network for everything under `base_url`.
    Raises UsageError for an address that is not https, or http on loopback: secrets would travel in the open.
    """

    def __init__(self, base_url: str, clock: Clock, handle: Handle | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._clock = clock
        check_address(self.base_url)
        self.is_loopback = is_loopback(self.base_url)
        self._api = _session(clock, self.is_loopback)
        self._web = _session(clock, self.is_loopback)
        self._plain = {True: _session(clock, loopback=True), False: _session(clock, loopback=False)}
        self._cookies = RequestsCookieJar()
        self._cookies_lock = threading.Lock()
        if handle is not None:
            for session in (self._api, self._web, *self._plain.values()):
                session.mount(self.base_url + "/", InMemoryAdapter(handle))

    def api(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: bytes | None = None,
        most_bytes: int = limits.MAX_REPLY_BYTES,
    ) -> Reply | NoReply:
        """One request to the API. `path` starts with a slash; only a result needs more than the usual `most_bytes`."""
        headers = {"Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
        auth = _TokenAuth(token) if token else _NoAuth()
        return self._send(self._api, method, self._own(path), most_bytes, headers, auth=auth, data=body)

    def web(self, path: str, most_bytes: int | None = None) -> Reply | NoReply:
        """One web page, asked for with the cookies of the sign-in if there was one; it changes none of them."""
        return self._send(self._web, "GET", self._own(path), most_bytes or limits.MAX_PAGE_BYTES, {}, auth=_NoAuth())

    def sign_in_step(self, path: str, form: Mapping[str, str] | None = None) -> Reply | NoReply:
        """GET a page, or POST a form, and keep the cookies that the reply sets: the login, and nothing else.

        Other pages keep none: two threads' first pages would each set a CSRF cookie and spoil a login between them.
        """
        url = self._own(path)
        if form is None:
            return self._send(self._web, "GET", url, limits.MAX_PAGE_BYTES, {}, auth=_NoAuth(), keep=self._cookies)
        return self._form(path, form, self._cookies)

    def submit(self, path: str, fields: Mapping[str, str]) -> Reply | NoReply:
        """POST a form as whoever is signed in, with the session's own CSRF token; it changes no cookie."""
        return self._form(path, {**fields, CSRF_FIELD: self._cookie(CSRF_COOKIE) or ""})

    def _form(self, path: str, form: Mapping[str, str], keep: RequestsCookieJar | None = None) -> Reply | NoReply:
        url, auth = self._own(path), _NoAuth()
        headers = {"Referer": url, "Origin": self.base_url}  # Django asks for the Referer on https
        return self._send(self._web, "POST", url, limits.MAX_PAGE_BYTES, headers, auth=auth, data=dict(form), keep=keep)

    def own_path(self, location: str, path: str) -> str | None:
        """The path and query that a redirect from `path` leads to; None if it leaves the service's own address."""
        try:
            url = urljoin(self.base_url + path, location)
        except ValueError:
            return None
        rest = url.removeprefix(self.base_url)
        return rest if rest != url and rest.startswith("/") else None

    def has_cookie(self, name: str) -> bool:
        """Whether the web session holds a cookie of that name."""
        return self._cookie(name) is not None

    def _cookie(self, name: str) -> str | None:
        with self._cookies_lock:
            return next((cookie.value for cookie in self._cookies if cookie.name == name), None)

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
            reply = self._send(session, "GET", url, end, headers, auth=_NoAuth(), cut=True)
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

    def _own(self, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError("a path starts with a slash")
        return self.base_url + path

    def _send(
        self,
        session: requests.Session,
        method: str,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str],
        *,
        auth: AuthBase,
        data: bytes | dict[str, str] | None = None,
        cut: bool = False,
        keep: RequestsCookieJar | None = None,
    ) -> Reply | NoReply:
        with self._cookies_lock:
            cookies = self._cookies.copy() if session is self._web else None
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
                    with self._cookies_lock:
                        keep.update(response.cookies)
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


def _session(clock: Clock, loopback: bool) -> requests.Session:
    """A session that retries nothing; the environment's proxies and CA bundle are honoured except for loopback."""
    session = requests.Session()
    session.trust_env = not loopback
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # whoever keeps cookies does so by name
    adapter = BoundedAdapter(clock.monotonic, lambda: BODY_S)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


def _no_reply(error: Exception) -> NoReply:
    """Only types and certificate messages are told: the libraries' texts quote whole URLs."""
    causes = list(_chain(error))
    innermost = type(causes[-1]).__name__
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoReply(Failure.UNREACHABLE, f"certificate not trusted: {cause.verify_message}")
        if isinstance(cause, ConnectTimeoutError | NewConnectionError):
            return NoReply(Failure.UNREACHABLE, f"could not connect ({innermost})")
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
