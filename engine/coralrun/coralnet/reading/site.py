"""CoralNet's web half: source, browse and image pages.

Rule: the answer stays with what it was asked for; `WebSession` has the requests and the sign-in. Pages that a plan
needs raise (`source`, `browse`); an image's page answers with an outcome, as ports do; a page that is only good to know
(`queue`) answers with None where it cannot be had.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from coralrun import limits
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.account.posting import trouble_of
from coralrun.coralnet.account.web_session import GREETING_PATH, WebSession, is_denied
from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.annotations import (
    DENIED,
    Form,
    Prepared,
    Refused,
    export_form,
    is_about_who,
    joined,
    read_prepared,
    refusal,
    too_large,
)
from coralrun.coralnet.codec.confusion import FORM, matrix_path, read_confusion
from coralrun.coralnet.codec.labelset_page import read_labelset
from coralrun.coralnet.codec.pages import BrowsePage, PageKind, WebPage
from coralrun.coralnet.codec.queue_page import read_queue
from coralrun.coralnet.codec.search import IdRange, SearchForm, bounds, browse_query, parts
from coralrun.coralnet.codec.search_form import read_search_form
from coralrun.coralnet.codec.source_page import SourcePage, read_source
from coralrun.coralnet.codec.upload_pages import UploadForm, read_form
from coralrun.coralnet.codec.urls import life_s
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.refusals import account_missing, account_refused
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.http.client import Failure, NoReply
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.confusion import Confusion
from coralrun.ports import Located
from coralrun.service.queue import Queue
from coralrun.spec.image_search import Search
from coralrun.values.classified import Label

T = TypeVar("T")

QUEUE_PATH = "/jobs/status/?recency_threshold=4"
"""The jobs of the last four hours: fewer would be few at night, and more would be another time of day."""


IF_MISSING = "Correct the number where you gave it; it stands in the address of the source's page, /source/N/."
"""What to do where a page of a source is not there."""


class Site:
    """The web pages of one service, with one account's eyes or nobody's; `called` so where people do not know its
    address. Safe to share between threads."""

    def __init__(
        self,
        http: Http,
        web_rate: WebRate,
        credentials: Credentials | None = None,
        *,
        if_missing: str = IF_MISSING,
        called: str = "",
    ) -> None:
        self._http = http
        self._where = called or http.base_url
        self._if_missing = if_missing
        self._credentials = credentials
        self._session = WebSession(http, web_rate, credentials)
        self._export_lock = threading.Lock()

    @property
    def session(self) -> WebSession:
        """Who asks for the pages."""
        return self._session

    def upload_form(self, source: int) -> UploadForm:
        """What a source does to photos that are uploaded. Raises as `source` does, also where it may not be edited."""
        self.check_may_sign_in(f"the uploads of source {source}")
        self._session.begin()
        page = self._needed(f"/source/{source}/upload/images/", f"the uploads of source {source}")
        return self._read(page, read_form, f"the uploads of source {source}")

    def date(self) -> str | None:
        """The service's time of day, as it tells it with a page that is there for everyone. Raises ServiceError."""
        return self._session.once(GREETING_PATH).date

    def source(self, source: int) -> SourcePage:
        """A source's main page. Raises UsageError (no such source), CredentialsError or ServiceError."""
        page = self._needed(f"/source/{source}/", f"source {source}")
        return self._read(page, lambda html: read_source(html, source), f"source {source}")

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
        named = self.named_image(image_id)
        return named[1] if isinstance(named, tuple) else named

    def named_image(self, image_id: int) -> tuple[str, Located] | Unusable | Trouble:
        """An image's name, and what `image` tells."""
        try:
            page = self._session.page(f"/image/{image_id}/view/")
            if page.kind is PageKind.NOT_FOUND:
                return Unusable(Reason.NOT_FOUND)
            if page.kind is not PageKind.CONTENT:
                return self._denied(image_id)
            image = pages.read_image(page.html)
            url = self._absolute(image.address)
        except (CredentialsError, ServiceError) as error:
            return trouble_of(error)
        except NotUnderstood as error:
            return Trouble(TroubleKind.NOT_UNDERSTOOD, str(error))
        return image.name, Located(url, image.size, life_s(url, page.date))

    def details(self, image_id: int) -> tuple[tuple[str, str], ...] | None:
        """What an image's page says of the photo, as pairs of field and value; None if the image is gone.

        Raises CredentialsError or ServiceError.
        """
        page = self._session.page(f"/image/{image_id}/view/")
        if page.kind is PageKind.NOT_FOUND:
            return None
        return self._read(self._allowed(page, f"image {image_id}"), pages.read_details, f"image {image_id}")

    def queue(self) -> Queue | None:
        """How long jobs wait at the service; None where this account may not know, or it is not said."""
        if self._credentials is None or not self._credentials.password:
            return None
        try:
            self._session.begin()
            page = self._session.page(QUEUE_PATH)
            return read_queue(page.html) if page.kind is PageKind.CONTENT else None
        except (CredentialsError, ServiceError, NotUnderstood):
            return None

    def confusion(self, source: int, classifier: str) -> Confusion | None:
        """What CoralNet found the classifier that a source uses to take for what; None where it has no such table.

        `classifier` is the number of that one. Raises as `source` does.
        """
        what = f"the confusion matrix of source {source}"
        self._session.have_form_token()
        path = matrix_path(source)
        page = self._session.asked(lambda: self._session.submitted(path, FORM), is_denied)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(f"source {source}")
        return self._read(self._allowed(page, what), lambda table: read_confusion(table, classifier, source), what)

    def metadata(self, source: int, search: Search) -> bytes | None:
        """The metadata of all images of a source's search, as CSV; None where this account may not have them.

        Raises UsageError (no such source) or ServiceError.
        """
        query = urlencode(browse_query(search, bounds(search)))
        page = self._session.page(f"/source/{source}/export/metadata/?{query}", limits.MAX_TABLE_BYTES)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(f"source {source}")
        return page.html if page.is_table else None

    def check_may_sign_in(self, what: str) -> None:
        """Raise CredentialsError, asking nobody, where nothing is at hand to sign in with; `what` needs it."""
        if self._credentials is None:
            raise account_missing(f"{what} are for signed-in accounts alone, and there are no credentials")
        if not self._credentials.password:
            raise account_refused(
                f"{what} are for signed-in accounts alone",
                remedy="Set CORALNET_PASSWORD too: the API token does nothing on web pages.",
            )

    def labelset(self, source: int) -> tuple[Label, ...]:
        """The labels of a source, none where it has no labelset. Raises as `source` does."""
        what = f"the labelset of source {source}"
        return self._read(self._needed(f"/source/{source}/labelset/", what), read_labelset, what)

    def annotations(self, source: int, search: Search, *, scores: bool = False) -> bytes:
        """The points with labels of all images of a source's checked search, as CSV: people's and the machine's; with
        `scores` those that the machine gave too.

        Raises CredentialsError (it needs a password, also for public sources), UsageError or ServiceError.
        """
        what = f"the annotations of source {source}"
        self.check_may_sign_in(what)
        tables: list[bytes] = []
        with self._export_lock:  # a session holds one export at a time (protocol 11)
            for part in parts(search):
                tables.append(self._exported(source, export_form(part, scores=scores), what))
                if sum(map(len, tables)) > limits.MAX_TABLE_BYTES:
                    raise too_large(what)
        try:
            return joined(tables)
        except NotUnderstood as error:
            raise ServiceError(f"{what}: {error}") from error

    def _exported(self, source: int, form: Form, what: str) -> bytes:
        """One export: prepared, then fetched, which can be done once."""
        self._session.begin()
        answer = self._session.asked(
            lambda: self._submitted(source, form, what),
            lambda answer: isinstance(answer, Refused) and is_about_who(answer),
        )
        if isinstance(answer, Refused):
            raise refusal(source, answer)
        query = urlencode({"session_data_timestamp": answer.stamp})
        path = f"/source/{source}/export/serve/?{query}"
        reply = self._session.fetched(path, limits.MAX_TABLE_BYTES)
        if isinstance(reply, NoReply) and reply.failure is Failure.TOO_LARGE:
            raise too_large(what)
        try:
            table = self._session.read(reply, path)
        except ServiceError as error:
            raise ServiceError(f"{what} did not come as a table: {error.message}") from error
        if not table.is_table:
            raise ServiceError(f"{what} did not come as a table")
        return table.html

    def _submitted(self, source: int, form: Form, what: str) -> Prepared | Refused:
        path = f"/source/{source}/annotation/export_prep/"
        page = self._session.submitted(path, form)
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
        page = self._session.page(path)
        if page.kind is PageKind.NOT_FOUND:
            raise self._missing(what)
        return self._allowed(page, what)

    def _missing(self, what: str) -> UsageError:
        return UsageError(f"{what} does not exist at {self._where}", remedy=self._if_missing)

    def _allowed(self, page: WebPage, what: str) -> WebPage:
        """A page that is there, if it may be seen; raises CredentialsError if not."""
        if page.kind is PageKind.CONTENT:
            return page
        where = self._where
        if self._credentials is None:
            raise account_missing(f"{what} at {where} is not public, and there are no credentials")
        if not self._credentials.password:
            raise account_refused(
                f"{what} at {where} is not public",
                remedy="Set CORALNET_PASSWORD too: the API token does nothing on web pages.",
            )
        raise account_refused(f"the account {self._credentials.named} may not see {what} at {where}")

    def _read(self, page: WebPage, read: Callable[[bytes], T], what: str) -> T:
        try:
            return read(page.html)
        except NotUnderstood as error:
            raise ServiceError(
                f"the page of {what} is not as expected: {error}",
                remedy="CoralNet may have changed its pages: please report it, with this message.",
            ) from error

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
