"""CoralNet passes the suite: over HTTP, served in this process, and in memory, as the embedded one is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from urllib.parse import unquote, urlsplit

import pytest

from coralrun.coralnet.account.auth import Credentials, sign_in_api
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.protocol import LIMITS
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import NEWER_CLASSIFIER, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.http import serve
from coralrun.emulator.messages import Request
from coralrun.emulator.service import CoralNet
from coralrun.planning.images import Point
from coralrun.ports import Entry, Located

from .conformance import Bench, ServiceConformance

BASE = "http://127.0.0.1:8000"
START_S = 1_795_364_610.0


class Hand:
    """One clock of client and server, moved by hand; sleeping takes no time."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def now(self) -> float:
        return START_S + self.now_s

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class CoralNetBench:
    """The embedded server and a client of it."""

    limits = LIMITS

    def __init__(self, clock: Hand, http: Http) -> None:
        self._clock = clock
        self._http = http

    def service(self) -> CoralNetService:
        limiter = Limiter(self._clock)
        token = sign_in_api(self._http, Credentials(USERNAME, password=PASSWORD))
        classifier = str(NEWER_CLASSIFIER)
        return CoralNetService(self._http, username=USERNAME, token=token, classifier=classifier, limiter=limiter)

    def entries(self, count: int, points: Sequence[Point]) -> list[Entry]:
        site = Site(self._http, WebRate(self._clock, 1000.0), None)
        located = [site.image(number + 1) for number in range(count)]
        return [
            Entry(f"r.1.1.{number}", image.place, tuple(points))
            for number, image in enumerate(located)
            if isinstance(image, Located)
        ]

    def work(self) -> None:
        self._clock.sleep(600.0)


def drawn(clock: Hand) -> CoralNet:
    return drawn_service(clock, Settings(base_url=BASE), images=8)


class TestInMemory(ServiceConformance):
    @pytest.fixture
    def bench(self) -> Bench:
        clock = Hand()
        server = drawn(clock)

        def handle(
            method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
            address = urlsplit(url)
            reply = server.handle(Request(method, unquote(address.path), address.query, headers, body))
            return reply.status, reply.headers, reply.body

        return CoralNetBench(clock, Http(BASE, clock, handle))


class TestOverHttp(ServiceConformance):
    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        clock = Hand()
        with closing(serve(drawn(clock))) as running:
            yield CoralNetBench(clock, Http(running.url, clock))
