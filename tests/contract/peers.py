"""Whoever keeps the contract: one CoralNet as the tests see it, whether in memory, over HTTP, or live.

Rule: a test asks by `Peer`, which sends what it is told and shows the reply as it came; nothing of the client stands
between. What the client makes of a reply is then asked of the client's own codec. Only an embedded CoralNet has a
`Control`: its clock and its faults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from tests.contract.clocks import HandClock, RealClock
from tests.emulator_faults import Faults

from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.in_memory import Handle, InMemoryAdapter
from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.codec import pages, wire
from coralrun.coralnet.codec.source_page import read_source
from coralrun.emulator.messages import Request
from coralrun.emulator.service import CoralNet

LOGIN = "/accounts/login/"
PACE_S = 4.0
"""Between two requests to the API, so that 1000 an hour (protocol 3) are never reached."""

PACES_PER_LOOK = 7
"""Between two looks at a job: half a minute at the usual pace, as protocol 5 has it."""

JOB_MOST_S = 45 * 60.0
"""A job of a few images needs minutes in production (protocol 5); one that needs longer has failed the test."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply as it came. Header names are in lower case; of cookies, those that the reply itself sets."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body's text."""
        return self.body.decode("utf-8")

    @property
    def detail(self) -> str:
        """The text of the API's one error."""
        (error,) = self.json["errors"]
        return str(error["detail"])


class Auth(requests.auth.AuthBase):
    """The Authorization header that a test wants, or none; never what .netrc says."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


@dataclass(frozen=True, slots=True)
class Control:
    """An embedded CoralNet's inside: what a test may do to it that nobody can do to a live one."""

    service: CoralNet
    faults: Faults
    clock: HandClock
    other_username: str
    other_password: str
    private_source: int
    private_classifier: int
    rejected_classifier: int


@dataclass(frozen=True, slots=True)
class Finished:
    """One job from its submission to its result, each reply as it came. `before` is the listing before it was made."""

    before: Raw
    job: str
    sent: list[dict[str, Any]]
    accepted: Raw
    early_status: Raw
    early_result: Raw
    late_status: Raw
    result: Raw


@dataclass(slots=True)
class Peer:
    """One CoralNet and an account there. `source` is public and has images and a classifier."""

    base_url: str
    username: str
    password: str
    source: int
    clock: HandClock | RealClock
    handle: Handle | None = None
    control: Control | None = None
    pace_s: float = PACE_S
    _session: requests.Session = field(default_factory=requests.Session)
    _token: str | None = None
    _classifier: int | None = None
    _finished: Finished | None = None
    _images: list[pages.BrowsedImage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.trust_env = not Http(self.base_url, self.clock).is_loopback
        if self.handle is not None:
            self._session.mount(self.base_url + "/", InMemoryAdapter(self.handle))

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Mapping[str, str] | None = None,
        authorization: str | None = None,
        kind: str | None = None,
        accept: str | None = None,
        cookie: str | None = None,
        referer: str | None = None,
    ) -> Raw:
        """One request with the headers that are given (`kind` is the Content-Type), no redirect followed."""
        if path.startswith("/api/"):
            self.clock.sleep(self.pace_s)
        given = {"Content-Type": kind, "Accept": accept, "Cookie": cookie, "Referer": referer}
        headers = {name: value for name, value in given.items() if value is not None}
        return self.sent(method, path, headers, body, authorization)

    def sent(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | Mapping[str, str] | None,
        authorization: str | None = None,
    ) -> Raw:
        """One request with exactly these headers, no redirect followed."""
        reply = self._session.request(
            method,
            self.base_url + path,
            headers=dict(headers),
            data=body,
            auth=Auth(authorization),
            timeout=60,
            allow_redirects=False,
        )
        return Raw(
            reply.status_code,
            {key.lower(): value for key, value in reply.headers.items()},
            reply.content,
            {str(cookie.name): str(cookie.value) for cookie in reply.cookies},
        )

    def get(self, path: str, cookie: str | None = None) -> Raw:
        """A page, as nobody in particular or as whose session it is."""
        return self.call("GET", path, cookie=cookie)

    def ask(self, path: str) -> Raw:
        """A question to the API, with the account's token."""
        return self.call("GET", path, authorization=f"Token {self.token}")

    def post(
        self,
        path: str,
        document: object,
        *,
        authorization: str | None = None,
        kind: str = wire.MEDIA_TYPE,
        cookie: str | None = None,
    ) -> Raw:
        """A document of some media type posted to the API, without a token of its own; bytes go as they are."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.call("POST", path, body=body, authorization=authorization, kind=kind, cookie=cookie)

    def deploy(self, document: object, classifier: int | None = None, token: str | None = None) -> Raw:
        """A document posted to a classifier, with the account's token."""
        number = self.classifier if classifier is None else classifier
        return self.post(f"/api/classifier/{number}/deploy/", document, authorization=f"Token {token or self.token}")

    @property
    def token(self) -> str:
        """The account's token."""
        if self._token is None:
            self._token = self.token_of(self.username, self.password)
        return self._token

    def token_of(self, username: str, password: str) -> str:
        """Any account's token."""
        reply = self.post("/api/token_auth/", {"username": username, "password": password})
        assert reply.status == 200, reply
        return str(reply.json["token"])

    @property
    def classifier(self) -> int:
        """The newest classifier of the source."""
        if self._classifier is None:
            page = read_source(self.get(f"/source/{self.source}/").body, self.source)
            self._classifier = int(page.classifiers[-1].id)
        return self._classifier

    @property
    def images(self) -> list[pages.BrowsedImage]:
        """The first images of the source, by name."""
        if not self._images:
            self._images = list(pages.read_browse(self.get(f"/source/{self.source}/browse/images/").body).images)
        return self._images

    def image_page(self, image_id: int) -> tuple[Raw, pages.ImagePage]:
        """An image's page, as it came and as the client reads it."""
        reply = self.get(f"/image/{image_id}/view/")
        return reply, pages.read_image(reply.body)

    def image_url(self, image_id: int) -> str:
        """An image's URL, fresh from its page."""
        address = self.image_page(image_id)[1].address
        return self.base_url + address if address.startswith("/") else address

    def service(self, classifier: int | None = None, token: str | None = None) -> CoralNetService:
        """The client's half of the API."""
        return CoralNetService(
            Http(self.base_url, self.clock, self.handle),
            username=self.username,
            token=token or self.token,
            classifier=str(self.classifier if classifier is None else classifier),
            limiter=Limiter(self.clock),
        )

    def sign_in(self, username: str, password: str) -> Raw:
        """The login form, filled in; the reply sets the session's cookie where it succeeds."""
        form_page = self.get(LOGIN)
        form = {
            "csrfmiddlewaretoken": pages.login_token(form_page.body),
            "username": username,
            "password": password,
        }
        cookie = f"csrftoken={form_page.cookies['csrftoken']}"
        return self.call("POST", LOGIN, body=form, cookie=cookie, referer=self.base_url + LOGIN)

    def finished(self, entries: Callable[[], Sequence[dict[str, Any]]]) -> Finished:
        """One job for all tests of this peer: submitted, asked for at once, and waited for."""
        if self._finished is None:
            sent = list(entries())
            before = self.ask(f"/api/user/{self.username}/")
            accepted = self.deploy({"data": sent})
            assert accepted.status == 202, accepted
            job = re.findall(r"[0-9]+", accepted.headers["location"])[-1]
            early_status, early_result = self.status(job), self.result(job)
            late_status = self.until_done(job)
            result = self.result(job)
            while result.status == 409 and self.control is None:
                self.clock.sleep(PACES_PER_LOOK * self.pace_s)
                result = self.result(job)
            self._finished = Finished(before, job, sent, accepted, early_status, early_result, late_status, result)
        return self._finished

    def until_done(self, job: str) -> Raw:
        """A job's status once it is no longer 200."""
        deadline = self.clock.monotonic() + JOB_MOST_S
        while (status := self.status(job)).status == 200:
            assert self.clock.monotonic() < deadline, "the job did not end"
            self.clock.sleep(PACES_PER_LOOK * self.pace_s)
        return status

    def status(self, job: str) -> Raw:
        """A job's status."""
        return self.ask(f"/api/deploy_job/{job}/status/")

    def result(self, job: str) -> Raw:
        """A job's result."""
        return self.ask(f"/api/deploy_job/{job}/result/")


def entry(url: str, *points: tuple[object, object]) -> dict[str, Any]:
    """One image of a request."""
    listed = [{"row": row, "column": column} for row, column in points or ((5, 6),)]
    return {"type": "image", "attributes": {"url": url, "points": listed}}


def handle_of(service: CoralNet) -> Handle:
    """A service as a transport of the client's."""

    def handle(
        method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        address = urlsplit(url)
        reply = service.handle(Request(method, unquote(address.path), address.query, headers, body))
        return reply.status, reply.headers, reply.body

    return handle
