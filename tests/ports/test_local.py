"""The service on this computer passes the suite: its jobs are folders, and any process finds them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.local.hands import Hands, service_at

from coralrun.local.entry import limits_of
from coralrun.local.service import LocalService
from coralrun.planning.images import Point
from coralrun.ports import Entry

from .conformance import Bench, ServiceConformance


@dataclass
class LocalBench:
    folder: Path
    hands: Hands = field(default_factory=Hands)
    limits = limits_of({"compute.workers": 2})
    made: list[LocalService] = field(default_factory=list)

    def service(self) -> LocalService:
        self.made.append(service_at(self.folder, self.hands, most_jobs=self.limits.jobs_at_once))
        return self.made[-1]

    def entries(self, count: int, points: Sequence[Point]) -> list[Entry]:
        return [Entry(f"r.1.1.{number}", b"a photo", tuple(points)) for number in range(count)]

    def work(self) -> None:
        for _ in range(4):
            self.made[-1].turn(0)


class TestLocal(ServiceConformance):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return LocalBench(tmp_path)
