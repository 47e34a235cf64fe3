"""CoralNet's pages as they come: within the rate, and signed in where that is needed.

Rule: one page is one request within `web_rate`. A public page needs no sign-in; what is denied or asks for one signs
the session in, once for all threads, and is asked for again. A session may end at any time, again right after a new
sign-in: a denial is one of the account's only once a page greets it, and before that nothing is said about permission.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from coralrun.coralnet.account.auth import LOGIN_PATH, Credentials, sign_in_web
from coralrun.coralnet.account.client import CSRF_COOKIE, Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.pages import PageKind, WebPage
from coralrun.coralnet.codec.retry_after import retry_after_s
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.refusals import throttled
from coralrun.errors import CredentialsError, ServiceError
from coralrun.http.client import NoReply, Reply

T = TypeVar("T")

GREETING_PATH = "/source/about/"  # protocol 6: there for everyone
_SIGN_INS_MOST: Final = 4
"""For one page: sessions that end sooner than they are used are the service's trouble, which passes."""


class WebSession:
    """One account's session, or nobody's, on the web pages of a service. Safe to share between threads."""

    def __init__(self, http: Http, web_rate: WebRate, credentials: Credentials | None) -> None:
        self._http = http
        self._web_rate = web_rate
        self._credentials = credentials
        self._sign_in_lock = threading.Lock()
        self._sign_ins = 0
        self._refused: CredentialsError | None = None

    def page(self, path: str, most_bytes: int | None = None) -> WebPage:
        """A page, signed in for where it needs that. Raises CredentialsError (a refused login) or ServiceError."""
        return self.asked(lambda: self.once(path, most_bytes), is_denied)

    def asked(self, ask: Callable[[], T], is_denied: Callable[[T], bool]) -> T:
        """What `ask` returns; what is denied for want of a session is asked again with a new one. Raises as `page`."""
        for _ in range(_SIGN_INS_MOST + 1):
            sign_ins = self._sign_ins
            answer = ask()
            if not is_denied(answer) or not self._signed_in_since(sign_ins):
                return answer
        raise ServiceError(f"{self._http.base_url}: each sign-in ended before a page could be had with it")

    def begin(self) -> None:
        """Sign in, unless that was done. Raises as `page`."""
        if not self._sign_ins:
            self._signed_in_since(0)

    def have_form_token(self) -> None:
        """Have what every form needs, of whoever is not signed in too: the login page brings it. Raises as `page`."""
        with self._sign_in_lock:
            if not self._http.has_cookie(CSRF_COOKIE):
                self._web_rate.take()
                self.read(self._http.sign_in_step(LOGIN_PATH), LOGIN_PATH)

    def once(self, path: str, most_bytes: int | None = None) -> WebPage:
        """A page, as whoever the session is by now."""
        self._web_rate.take()
        return self.read(self._http.web(path, most_bytes), path)

    def submitted(self, path: str, form: Mapping[str, str | Sequence[str]]) -> WebPage:
        """What a form brings, sent as whoever the session is by now."""
        self._web_rate.take()
        return self.read(self._http.submit(path, form), path)

    def posted(self, path: str, body: bytes, kind: str) -> Reply | NoReply:
        """The reply to a form with files, of that media type, as a page's own script sends it."""
        self._web_rate.take()
        return self._http.post(path, body, kind)

    def fetched(self, path: str, most_bytes: int) -> Reply | NoReply:
        """The reply to a request for a file that can be had once."""
        self._web_rate.take()
        return self._http.web(path, most_bytes)

    def read(self, reply: Reply | NoReply, path: str) -> WebPage:
        """The page that a reply is; raises ServiceError for one that is none of CoralNet's."""
        if isinstance(reply, NoReply):
            raise ServiceError(f"{self._http.base_url}: {reply.detail}")
        date = reply.headers.get("date")
        if reply.status == 302:
            target = self._http.own_path(reply.headers.get("location", ""), path) or ""
            if target.partition("?")[0] == LOGIN_PATH:
                return WebPage(PageKind.LOGIN, b"", date)
        if reply.status == 429:
            wait_s = retry_after_s(reply.headers.get("retry-after"))
            raise throttled(self._http.base_url, wait_s)
        if reply.status not in (200, 404):
            raise ServiceError(f"{self._http.base_url}: HTTP {reply.status}")
        try:
            if reply.status == 200 and reply.headers.get("content-type", "").partition(";")[0] == "text/csv":
                return WebPage(PageKind.CONTENT, reply.body, date, is_table=True)
            if reply.status == 200:
                return WebPage(pages.kind_of(reply.body), reply.body, date)
            if pages.is_not_found(reply.body):
                return WebPage(PageKind.NOT_FOUND, reply.body, date)
        except NotUnderstood as error:
            raise ServiceError(f"{self._http.base_url}: {error}") from error
        raise ServiceError(f"{self._http.base_url}: HTTP 404, not one of CoralNet's pages")

    def _signed_in_since(self, sign_ins: int) -> bool:
        """Whether somebody signed in since a page was denied, be it now. A refused login is not tried again.

        A session that has ended gets the same page as an account that may not see it (protocol 7), so a page that
        greets whoever is signed in tells the two apart.
        """
        if self._credentials is None or not self._credentials.password:
            return False
        with self._sign_in_lock:
            if self._refused is not None:
                raise self._refused
            if self._sign_ins > sign_ins:
                return True
            if self._sign_ins and pages.signed_in_user(self.once(GREETING_PATH).html) is not None:
                return False
            self._web_rate.take()
            try:
                sign_in_web(self._http, self._credentials)
            except CredentialsError as error:
                self._refused = error
                raise
            self._sign_ins += 1
            return True


def is_denied(page: WebPage) -> bool:
    """Whether a page is not for whoever the session is, as far as is known."""
    return page.kind in (PageKind.DENIED, PageKind.LOGIN)
