"""Finished runs on disk with predictions of a test's own choice, made by the parts that make real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coralrun.app.finishing import write_tables
from coralrun.app.runs import OpenRun, make_run, open_run
from coralrun.classified import Classification, ScoredPoint, StoredEntry
from coralrun.clock import SystemClock
from coralrun.machine import facts
from coralrun.machine.durable import apply
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Analysis, Classifier, Plan, PlannedImage, Size
from coralrun.spec.model import Method, PointDesign
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Found:
    """One point: where it is, and its labels with scores, best first; a label's id is its place in the alphabet."""

    row: int
    column: int
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Photo:
    """One image; `found` is None where it failed."""

    name: str
    found: Sequence[Found] | None
    metadata: tuple[str, ...] = ()
    source: str = "coralnet:2"


def label_id(code: str) -> int:
    """A number for a label."""
    return int.from_bytes(code.encode()[:3], "big")


def sure(codes: Sequence[str], score: float = 0.9) -> list[Found]:
    """Points in one row, each with one label."""
    return [Found(7, column, ((code, score),)) for column, code in enumerate(codes)]


def finished_run(
    folder: Path,
    photos: Sequence[Photo],
    *,
    fields: tuple[str, ...] = (),
    analysis: Analysis | None = None,
    classifier: Classifier | None = None,
    service: str = "https://coralnet.ucsd.edu",
) -> OpenRun:
    """A finished run of these photos, all in one batch, with its tables."""
    images = tuple(
        PlannedImage(
            key=f"{photo.source}/{number + 1}",
            source=photo.source,
            name=photo.name,
            points=1 if photo.found is None else len(photo.found),
            image_id=number + 1,
            metadata=photo.metadata,
        )
        for number, photo in enumerate(photos)
    )
    plan = Plan(
        name=folder.name,
        service=service,
        survey_digest="0" * 64,
        classifier=classifier or Classifier(id=1, source=1, accuracy=80),
        images=images,
        fields=fields,
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=1),
        batch_size=100,
        concurrency=5,
        patience_s=1,
        attempts=3,
        web_rate=4,
        points_per_entry=200,
        analysis=analysis or Analysis(),
    )
    layout = Layout(folder)
    make_run(layout, plan, None, account="demo", clock=SystemClock())
    opened = open_run(folder)
    _carry_out(opened, photos)
    write_tables(opened)
    return open_run(folder)


def _carry_out(opened: OpenRun, photos: Sequence[Photo]) -> None:
    disk = Disk()
    numbers = tuple(range(len(photos)))
    failed: Mapping[int, Reason] = {n: Reason.NOT_AN_IMAGE for n in numbers if photos[n].found is None}
    entries = [_entry(number, photo) for number, photo in enumerate(photos)]
    sha256 = BlobStore(opened.layout, disk).write(1, 1, entries, b"the reply")
    happened: list[facts.Fact] = [
        facts.Batched.of(1, numbers),
        facts.Intended.of(AT, 1, 1, len(photos), "0", (), tuple(Size(5000, 5000) for _ in numbers)),
        facts.Submitted(AT, 1, 1, "1"),
        facts.Collected(AT, 1, 1, "1", sha256, len(photos) - len(failed), failed),
        facts.Finished(AT),
    ]
    journal = RunJournal(opened.layout, disk, opened.loaded)
    try:
        journal.append(happened)
    finally:
        journal.close()
    for fact in happened:
        apply(opened.state, fact)


def _entry(number: int, photo: Photo) -> StoredEntry:
    mark = f"r.1.1.{number}"
    if photo.found is None:
        return StoredEntry(number, mark, (), Reason.NOT_AN_IMAGE)
    return StoredEntry(number, mark, tuple(_point(found) for found in photo.found))


def _point(found: Found) -> ScoredPoint:
    scores = (Classification(score, label_id(code), code, f"The label {code}") for code, score in found.scores)
    return ScoredPoint(found.row, found.column, tuple(scores))
