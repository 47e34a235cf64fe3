"""A source classifies its own photos once each, and keeps what people labelled, whatever dies and whatever is lost.

`make test` tries some moments; with CORALRUN_CRASH=all every batch that is sent, fetched or let go of is one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.crash.uploading_runs import SENT, SURVEY, THERE, Laptop, tables

from coralrun.coralnet.connection import CoralNetConnection
from coralrun.coralnet.in_source import by_way_of
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS, LABEL_PATIENCE_S
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.site import Annotation, Photo
from coralrun.machine import effects

EVERY = os.environ.get("CORALRUN_CRASH") == "all"
EFFECTS = 6
"""Of an undisturbed run: two batches, each sent, fetched and let go of."""
MOMENTS = [(at, after) for at in range(1, EFFECTS + 1) for after in (False, True)]
TELLING = [(1, True), (2, False), (3, True)]
FAULTS = ["lost_replies_of", "lost_requests_of", "errors_of"]
REQUESTS = ("upload_preview", "upload_confirm", "browse/images", "export_prep", "export/serve", "/labelset/")
PEOPLES = [Annotation(1, 2, 3), Annotation(3, 4, 5)]
FAST = replace(IN_SOURCE_LIMITS, look_least_s=0.02, look_most_s=0.05, settle_s=0.1, job_takes_s=0.1)


@dataclass(slots=True)
class LaptopAndSource(Laptop):
    """A laptop whose photos are uploaded to a source, and classified by it; people have labelled one that was there."""

    survey: str = SURVEY.replace("{source: 1}", "{run_in: 2}").replace("outputs", "run: {batch_size: 2}\noutputs")
    counted: type[effects.Effect] = field(default=effects.Submit | effects.Collect | effects.Release)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        Laptop.__post_init__(self)
        api: Callable[[], CoralNetConnection] = self.connect

        def connect() -> CoralNetConnection:
            connection = api()
            connection.limits = FAST
            return by_way_of(connection, 2, LABEL_PATIENCE_S)

        self.connect = connect
        server = self.faults.service
        server.classifying.cadence = Cadence(seconds_per_image=0.0, start_max_s=0.05)
        there = replace(self.photo(next(iter(THERE))), status="confirmed", annotations=lambda: PEOPLES)
        server.site.put_photo(server.site.sources_by_id[2], there)

    def photo(self, name: str) -> Photo:
        """A photo at the source."""
        return next(one for one in self.faults.service.site.sources_by_id[2].photos if one.name == name)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of an undisturbed run."""
    with pytest.MonkeyPatch.context() as patched:
        laptop = LaptopAndSource(tmp_path_factory.mktemp("straight"))
        made = tables(laptop.finish(patched))
    assert laptop.performed == EFFECTS
    assert made["predictions.csv"].count(b"new ") == 3 * len(SENT)
    assert made["failures.csv"].count(b"people have labelled points") == len(THERE)
    return made


def check(laptop: LaptopAndSource, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    layout = laptop.finish(monkeypatch)
    assert tables(layout) == straight
    assert list(laptop.photo(next(iter(THERE))).annotations()) == PEOPLES
    assert [len(laptop.photo(name).annotations()) for name in SENT] == [3] * len(SENT)
    assert not layout.spool.exists()


@pytest.mark.parametrize(("at", "after"), MOMENTS if EVERY else TELLING)
def test_a_process_that_dies_at_a_batch_leaves_each_photo_classified_once(
    at: int, after: bool, tmp_path: Path, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(LaptopAndSource(tmp_path / "x", dies_at=at, after=after), straight, monkeypatch)


@pytest.mark.parametrize(
    "fault", ["lost_replies_of", "lost_requests_of", "errors_of"] if EVERY else ["lost_replies_of"]
)
def test_each_kind_of_request_may_be_lost_once(
    fault: str, tmp_path: Path, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coralrun.limits.BACKOFF_FIRST_S", 0.01)
    laptop = LaptopAndSource(tmp_path / "x", lost=REQUESTS, fault=fault)
    check(laptop, straight, monkeypatch)
    assert getattr(laptop.faults, fault) == []
