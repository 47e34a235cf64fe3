"""A source that classifies its own photos passes the suite, over HTTP: its jobs are the run's own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.classifying.sent_photos import place_of
from coralrun.coralnet.classifying.sent_points import SentFolder
from coralrun.coralnet.classifying.source_service import SourceService
from coralrun.coralnet.classifying.waits import Waits
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import PASSWORD, PUBLIC_SOURCE, USERNAME
from coralrun.emulator.http import serve
from coralrun.planning.images import Point
from coralrun.ports import Entry
from coralrun.store.files import Disk

from .conformance import Bench, ServiceConformance
from .test_coralnet import Hand, drawn


@dataclass
class SourceBench:
    """The embedded server, and a client of it that writes into a folder."""

    clock: Hand
    http: Http
    folder: Path
    limits = replace(IN_SOURCE_LIMITS, jobs_at_once=3)

    def service(self) -> SourceService:
        site = Site(self.http, WebRate(self.clock, 1000.0), Credentials(USERNAME, password=PASSWORD))
        return SourceService(
            site, PUBLIC_SOURCE, SentFolder(self.folder, Disk()), self.limits.jobs_at_once, Waits(self.clock, 3600.0)
        )

    def entries(self, count: int, points: Sequence[Point]) -> list[Entry]:
        site = Site(self.http, WebRate(self.clock, 1000.0), None)
        found = [(number, site.named_image(number)) for number in range(2, count + 2)]
        return [
            Entry(f"r.1.1.{mark}", place_of(self.http.base_url, number, image[0]), tuple(points))
            for mark, (number, image) in enumerate(found)
            if isinstance(image, tuple)
        ]

    def work(self) -> None:
        self.clock.sleep(600.0)


class TestInSource(ServiceConformance):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        clock = Hand()
        with closing(serve(drawn(clock))) as running:
            yield SourceBench(clock, Http(running.url, clock), tmp_path)
