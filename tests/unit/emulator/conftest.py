"""A service under a clock that moves only by hand, and someone who calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.emulator_faults import Faults

from coralrun.emulator.demo import NEWER_CLASSIFIER, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.messages import API_TYPE, Reply, Request
from coralrun.emulator.service import CoralNet

START_S = 1_795_364_610.25


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    time_s: float = START_S

    def now(self) -> float:
        return self.time_s

    def move(self, seconds: float) -> None:
        self.time_s += seconds


@dataclass
class Caller:
    """Calls a service as a client of its API, or as a browser that keeps its cookies."""

    service: CoralNet
    faults: Faults
    clock: HandClock
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def api(self, method: str, path: str, document: object = None, **headers: str) -> Reply:
        sent = {"Content-Type": API_TYPE, **{key.replace("_", "-"): value for key, value in headers.items()}}
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = f"Token {self.token}"
        body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
        return self.service.handle(Request(method, path, headers=sent, body=body))

    def log_in_to_api(self, username: str = USERNAME, password: str = PASSWORD) -> str:
        self.token = ""
        reply = self.api("POST", "/api/token_auth/", {"username": username, "password": password})
        assert reply.status == 200, reply
        self.token = str(json.loads(reply.body)["token"])
        return self.token

    def deploy(
        self, urls: Sequence[str], points: Sequence[tuple[int, int]] = ((5, 6),), classifier: int = NEWER_CLASSIFIER
    ) -> Reply:
        return self.api("POST", f"/api/classifier/{classifier}/deploy/", deploy_document(urls, points))

    def deployed(self, urls: Sequence[str], points: Sequence[tuple[int, int]] = ((5, 6),)) -> int:
        reply = self.deploy(urls, points)
        assert reply.status == 202, reply
        return int((reply.header("Location") or "").split("/")[3])

    def result(self, job: int) -> list[dict[str, Any]]:
        reply = self.api("GET", f"/api/deploy_job/{job}/result/")
        assert reply.status == 200, reply
        listed: list[dict[str, Any]] = json.loads(reply.body)["data"]
        return listed

    def page(self, path: str, query: str = "", method: str = "GET", form: str = "") -> Reply:
        cookie = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        reply = self.service.handle(Request(method, path, query, headers, form.encode()))
        for key, value in reply.headers:
            if key == "Set-Cookie":
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.split(";")[0]
        return reply

    def sign_in(self, username: str = USERNAME, password: str = PASSWORD, more: str = "") -> Reply:
        self.page("/accounts/login/")
        token = self.cookies["csrftoken"]
        form = f"csrfmiddlewaretoken={token}&username={username}&password={password}{more}"
        return self.page("/accounts/login/", method="POST", form=form)

    def image_url(self, image_id: int) -> str:
        """The signed URL of an image, as its page writes it, unescaped."""
        text = self.page(f"/image/{image_id}/view/").body.decode()
        return text.split('<div id="original_image_container"')[1].split('src="')[1].split('"')[0].replace("&amp;", "&")


def deploy_document(urls: Sequence[str], points: Sequence[tuple[int, int]] = ((5, 6),)) -> dict[str, Any]:
    listed = [{"row": row, "column": column} for row, column in points]
    return {"data": [{"type": "image", "attributes": {"url": url, "points": listed}} for url in urls]}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(clock: HandClock) -> Callable[..., Caller]:
    """Make a service with drawn scores, and someone who calls it; the arguments are those of `Settings`."""

    def build(**settings: Any) -> Caller:
        settings.setdefault("cadence", Cadence(seconds_per_image=2.0, start_max_s=4.0))
        service = drawn_service(clock, Settings(**settings))
        return Caller(service, Faults(service), clock)

    return build


@pytest.fixture
def caller(make: Callable[..., Caller]) -> Caller:
    """Someone who holds the token of the demo account."""
    made = make()
    made.log_in_to_api()
    return made
