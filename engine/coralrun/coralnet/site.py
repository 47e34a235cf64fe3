"""CoralNet's web half: source, browse and image pages.

Rule: one page is one request within `web_rate`, and the answer stays with what it was asked for. A public page needs no
sign-in; a page that is denied or asks for one signs the session in, once for all threads, and is asked for again.
Pages that a plan needs raise (`source`, `browse`); an image's page answers with an outcome, as ports do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from coralrun import limits
from coralrun.coralnet import pages
from coralrun.coralnet.annotations import (
    DENIED,
    Prepared,
    Refused,
    export_form,
    is_about_who,
    joined,
    read_prepared,
    refusal,
    too_large,
)
from coralrun.coralnet.auth import LOGIN_PATH, Credentials, sign_in_web
from coralrun.coralnet.client import Failure, Http, NoReply, Reply
from coralrun.coralnet.limiter import WebRate
from coralrun.coralnet.pages import BrowsePage, PageKind, SourcePage, WebPage
from coralrun.coralnet.search import IdRange, SearchForm, bounds, browse_query, parts
from coralrun.coralnet.search_form import read_search_form
from coralrun.coralnet.service import retry_after_s
from coralrun.coralnet.urls import life_s
from coralrun.coralnet.wire import NotUnderstood
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.ports import Located
from coralrun.spec.model import Search

T = TypeVar("T")

GREETING_PATH = "/source/about/"  # protocol 6: there for everyone


class _TooManyRequests(ServiceError):
    """Whoever serves the pages wants quiet for `wait_s`."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Site:
    """The web pages of one service, with one account's eyes or nobody's. Safe to share between threads."""

    def __init__(self, http: Http, web_rate: WebRate, credentials: Credentials | None = None) -> None:
        self._http = http
        self._web_rate = web_rate
        self._credentials = credentials
        self._sign_in_lock = threading.Lock()
        self._export_lock = threading.Lock()
        self._sign_ins = 0
        self._refused: CredentialsError | None = None

    def date(self) -> str | None:
        """The service's time of day, as it tells it with a page that is there for everyone. Raises ServiceError."""
        return self._once(GREETING_PATH).date

    def source(self, source: int) -> SourcePage:
        """A source's main page. Raises UsageError (no such source), CredentialsError or ServiceError."""
        page = self._needed(f"/source/{source}/", f"source {source}")
        return self._read(page, lambda html: pages.read_source(html, source), f"source {source}")

    def browse(self, source: int, search: Search, ids: IdRange, *, backwards: bool = False) -> BrowsePage:
        """The first images, or the last ones, of a source's search within an id range. Raises as `source` does."""
        query = urlencode(browse_query(search, ids, backwards=backwards))
        page = self._needed(f"/source/{source}/browse/images/?{query}", f"source {source}")
        return self._read(page, pages.read_browse, f"the images of source {source}")

    def offered(self, source: int) -> SearchForm:
        """What a source's images can be searched by. Raises as `source` does."""
        page = self._needed(f"/source/{source}/browse/images/", f"source {source}")
        return self._read(page, read_search_form, f"the images of source {source}")

    def image(self, image_id: int) -> Located | Unusable | Trouble:
        """An image's fresh URL, its raw size, and how long the URL lives."""
        try:
            page = self._page(f"/image/{image_id}/view/")
            if page.kind is PageKind.NOT_FOUND:
                return Unusable(Reason.NOT_FOUND)
            if page.kind is not PageKind.CONTENT:
                return self._denied(image_id)
            image = pages.read_image(page.html)
            url = self._absolute(image.address)
        except CredentialsError as error:
            return Trouble(TroubleKind.CREDENTIALS, error.message)
        except _TooManyRequests as error:
            return Trouble(TroubleKind.THROTTLED, error.message, wait_s=error.wait_s)
        except ServiceError as error:
            return Trouble(TroubleKind.UNREACHABLE, error.message)
        except NotUnderstood as error:
            return Trouble(TroubleKind.NOT_UNDERSTOOD, str(error))
        return Located(url, image.size, life_s(url, page.date))

    def details(self, image_id: int) -> tuple[tuple[str, str], ...] | None:
        """What an image's page says of the photo, as pairs of field and value; None if the image is gone.

        Raises CredentialsError or ServiceError.
        """
        page = self._page(f"/image/{image_id}/view/")
        if page.kind is PageKind.NOT_FOUND:
            return None
        return self._read(self._allowed(page, f"image {image_id}"), pages.read_details, f"image {image_id}")

    def metadata(self, source: int, search: Search) -> bytes | None:
        """The metadata of all images of a source's search, as CSV; None where this account may not have them.

        Raises UsageError (no such source) or ServiceError.
        """
        query = urlencode(browse_query(search, bounds(search)))
        page = self._page(f"/source/{source}/export/metadata/?{query}", limits.MAX_TABLE_BYTES)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(f"source {source}")
        return page.html if page.is_table else None

    def annotations(self, source: int, search: Search) -> bytes:
        """The points with labels of all images of a source's checked search, as CSV: people's and the machine's.

        Raises CredentialsError (it needs a password, also for public sources), UsageError or ServiceError.
        """
        what = f"the annotations of source {source}"
        if self._credentials is None:
            raise CredentialsError(f"{what} are for signed-in accounts alone, and there are no credentials")
        if not self._credentials.password:
            raise CredentialsError(
                f"{what} are for signed-in accounts alone",
                remedy="Set CORALNET_PASSWORD too: the API token does nothing on web pages.",
            )
        tables: list[bytes] = []
        with self._export_lock:  # a session holds one export at a time (protocol 11)
            for part in parts(search):
                tables.append(self._exported(source, part, what))
                if sum(map(len, tables)) > limits.MAX_TABLE_BYTES:
                    raise too_large(what)
        try:
            return joined(tables)
        except NotUnderstood as error:
            raise ServiceError(f"{what}: {error}") from error

    def _exported(self, source: int, search: Search, what: str) -> bytes:
        """One export: prepared, then fetched, which can be done once."""
        if not self._sign_ins:
            self._signed_in_since(0)
        sign_ins = self._sign_ins
        answer = self._submitted(source, search, what)
        if isinstance(answer, Refused) and is_about_who(answer) and self._signed_in_since(sign_ins):
            answer = self._submitted(source, search, what)
        if isinstance(answer, Refused):
            raise refusal(source, answer)
        query = urlencode({"session_data_timestamp": answer.stamp})
        path = f"/source/{source}/export/serve/?{query}"
        self._web_rate.take()
        reply = self._http.web(path, limits.MAX_TABLE_BYTES)
        if isinstance(reply, NoReply) and reply.failure is Failure.TOO_LARGE:
            raise too_large(what)
        try:
            table = self._page_of(reply, path)
        except ServiceError as error:
            raise ServiceError(f"{what} did not come as a table: {error.message}") from error
        if not table.is_table:
            raise ServiceError(f"{what} did not come as a table")
        return table.html

    def _submitted(self, source: int, search: Search, what: str) -> Prepared | Refused:
        path = f"/source/{source}/annotation/export_prep/"
        self._web_rate.take()
        page = self._page_of(self._http.submit(path, export_form(search)), path)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(f"source {source}")
        if page.kind is not PageKind.CONTENT:
            return DENIED
        return self._read(page, read_prepared, what)

    def _denied(self, image_id: int) -> Unusable | Trouble:
        """An image is denied for good only to an account that could sign in; to anyone else it is a question of who."""
        if self._credentials is not None and self._credentials.password:
            return Unusable(Reason.DENIED)
        return Trouble(
            TroubleKind.CREDENTIALS,
            f"image {image_id} is not public, and pages that only members may see need CORALNET_PASSWORD",
        )

    def _needed(self, path: str, what: str) -> WebPage:
        page = self._page(path)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(what)
        return self._allowed(page, what)

    def _missing(self, what: str) -> UsageError:
        where = self._http.base_url
        return UsageError(f"{what} does not exist at {where}", remedy="Correct the number in the survey.")

    def _allowed(self, page: WebPage, what: str) -> WebPage:
        """A page that is there, if it may be seen; raises CredentialsError if not."""
        if page.kind is PageKind.CONTENT:
            return page
        where = self._http.base_url
        if self._credentials is None:
            raise CredentialsError(f"{what} at {where} is not public, and there are no credentials")
        if not self._credentials.password:
            raise CredentialsError(
                f"{what} at {where} is not public",
                remedy="Set CORALNET_PASSWORD too: the API token does nothing on web pages.",
            )
        raise CredentialsError(f"the account {self._credentials.username!r} may not see {what} at {where}")

    def _read(self, page: WebPage, read: Callable[[bytes], T], what: str) -> T:
        try:
            return read(page.html)
        except NotUnderstood as error:
            raise ServiceError(
                f"the page of {what} is not as expected: {error}",
                remedy="CoralNet may have changed its pages: please report it, with this message.",
            ) from error

    def _page(self, path: str, most_bytes: int | None = None) -> WebPage:
        sign_ins = self._sign_ins
        page = self._once(path, most_bytes)
        if page.kind in (PageKind.DENIED, PageKind.LOGIN) and self._signed_in_since(sign_ins):
            page = self._once(path, most_bytes)
        return page

    def _once(self, path: str, most_bytes: int | None = None) -> WebPage:
        self._web_rate.take()
        return self._page_of(self._http.web(path, most_bytes), path)

    def _page_of(self, reply: Reply | NoReply, path: str) -> WebPage:
        if isinstance(reply, NoReply):
            raise ServiceError(f"{self._http.base_url}: {reply.detail}")
        date = reply.headers.get("date")
        if reply.status == 302:
            target = self._http.own_path(reply.headers.get("location", ""), path) or ""
            if target.partition("?")[0] == LOGIN_PATH:
                return WebPage(PageKind.LOGIN, b"", date)
        if reply.status == 429:
            wait_s = retry_after_s(reply.headers.get("retry-after"))
            raise _TooManyRequests(f"{self._http.base_url}: HTTP 429, too many pages at once", wait_s)
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
        """Whether somebody is signed in who was not when a page was denied. A refused login is not tried again.

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
            if self._sign_ins and pages.signed_in_user(self._once(GREETING_PATH).html) is not None:
                return False
            self._web_rate.take()
            try:
                sign_in_web(self._http, self._credentials)
            except CredentialsError as error:
                self._refused = error
                raise
            self._sign_ins += 1
            return True

    def _absolute(self, address: str) -> str:
        """A server with media of its own writes a path; a bucket's URL is whole already (protocol 10)."""
        try:
            url = urljoin(self._http.base_url + "/", address)
            scheme = urlsplit(url).scheme
        except ValueError as error:
            raise NotUnderstood("image page: address") from error
        if scheme not in ("http", "https"):
            raise NotUnderstood("image page: address")
        return url
