"""What CoralNet is sent: one call, one request, one outcome.

Rule: three kinds of call never share anything: `api` (token, no cookies), `web` (cookies, no token), `plain` (other
hosts: neither). The token goes in by an auth object, because a bare header is replaced by Basic from .netrc (protocol
12, 6e). Secrets go to `base_url` alone.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar

from coralrun import limits
from coralrun.coralnet.account.address import check_address
from coralrun.coralnet.account.in_memory import Handle, InMemoryAdapter
from coralrun.coralnet.codec.wire import MEDIA_TYPE
from coralrun.http.client import Keep, NoAuth, NoReply, PlainHttp, Reply, session_of
from coralrun.ports import Clock
from coralrun.values.addresses import is_loopback

CSRF_COOKIE, CSRF_FIELD = "csrftoken", "csrfmiddlewaretoken"  # protocol 6


class _TokenAuth(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Token {self._token}"
        return request


class Http(PlainHttp):
    """Calls to one service at `base_url`, and plain ones to other hosts. Safe to share between threads.

    `handle`, if given, is called in place of the network for everything under `base_url`.
    Raises UsageError for an address that is not https, or http on loopback: secrets would travel in the open.
    """

    def __init__(self, base_url: str, clock: Clock, handle: Handle | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        super().__init__(clock)
        check_address(self.base_url)
        self.is_loopback = is_loopback(self.base_url)
        self._api = session_of(clock, self.is_loopback)
        self._web = session_of(clock, self.is_loopback)
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
        auth = _TokenAuth(token) if token else NoAuth()
        return self.send(self._api, method, self._own(path), most_bytes, headers, auth=auth, data=body)

    def web(self, path: str, most_bytes: int | None = None) -> Reply | NoReply:
        """One web page, asked for with the cookies of the sign-in if there was one; it changes none of them."""
        return self._page(path, most_bytes or limits.MAX_PAGE_BYTES)

    def sign_in_step(self, path: str, form: Mapping[str, str] | None = None) -> Reply | NoReply:
        """GET a page, or POST a form, and keep the cookies that the reply sets: the login, and nothing else.

        Other pages keep none: two threads' first pages would each set a CSRF cookie and spoil a login between them.
        """
        if form is None:
            return self._page(path, limits.MAX_PAGE_BYTES, self._keep)
        return self._form(path, form, self._keep)

    def submit(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> Reply | NoReply:
        """POST a form as whoever is signed in, with the session's own CSRF token; it changes no cookie."""
        return self._form(path, {**fields, CSRF_FIELD: self._cookie(CSRF_COOKIE) or ""})

    def post(self, path: str, body: bytes, kind: str) -> Reply | NoReply:
        """POST an encoded form as whoever is signed in, as a page's own script does; it changes no cookie."""
        url = self._own(path)
        token = self._cookie(CSRF_COOKIE) or ""
        headers = {"Referer": url, "Origin": self.base_url, "X-CSRFToken": token, "Content-Type": kind}
        most, cookies = limits.MAX_PAGE_BYTES, self._kept()
        return self.send(self._web, "POST", url, most, headers, auth=NoAuth(), data=body, cookies=cookies)

    def _page(self, path: str, most_bytes: int, keep: Keep | None = None) -> Reply | NoReply:
        url, cookies = self._own(path), self._kept()
        return self.send(self._web, "GET", url, most_bytes, {}, auth=NoAuth(), cookies=cookies, keep=keep)

    def _form(self, path: str, form: Mapping[str, str | Sequence[str]], keep: Keep | None = None) -> Reply | NoReply:
        url, auth, most = self._own(path), NoAuth(), limits.MAX_PAGE_BYTES
        headers = {"Referer": url, "Origin": self.base_url}  # Django asks for the Referer on https
        cookies = self._kept()
        return self.send(self._web, "POST", url, most, headers, auth=auth, data=form, cookies=cookies, keep=keep)

    def _kept(self) -> RequestsCookieJar:
        with self._cookies_lock:
            return self._cookies.copy()

    def _keep(self, cookies: RequestsCookieJar) -> None:
        with self._cookies_lock:
            self._cookies.update(cookies)

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

    def _own(self, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError("a path starts with a slash")
        return self.base_url + path
