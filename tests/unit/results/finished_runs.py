"""Finished runs on disk with predictions of a test's own choice, made by the parts that make real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.app.answers.outputs import seal, write_outputs, write_tables
from coralrun.app.run.run_directory import OpenRun, make_run, open_run
from coralrun.clock import SystemClock
from coralrun.machine import facts, units
from coralrun.machine.apply import apply
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import to_ranges
from coralrun.planning import codec
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.services import about_of
from coralrun.spec.point_design import Method, PointDesign
from coralrun.store import plans
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry

AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Found:
    """One point: where it is, and its labels with scores, best first; a label's id is its place in the alphabet."""

    row: int
    column: int
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Photo:
    """One image; `found` is None where it failed. Without an `id` it has its number's."""

    name: str
    found: Sequence[Found] | None
    metadata: tuple[str, ...] = ()
    source: str = "coralnet:2"
    id: int | None = None


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
    """A finished run of these photos, all in one batch, with its tables; a report is written by whoever reads it."""
    images = tuple(_planned(photo.id or number, photo) for number, photo in enumerate(photos, start=1))
    plan = Plan(
        name=folder.name,
        service=service,
        about=about_of(service),
        survey_digest="0" * 64,
        classifier=classifier or Classifier(id="1", source=1, accuracy=80),
        images=images,
        fields=fields,
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=1),
        batch_size=100,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
        analysis=analysis or Analysis(),
    )
    layout = Layout(folder)
    make_run(layout, plan, None, account="demo", clock=SystemClock())
    opened = open_run(folder)
    _record(opened, [*_classified(opened, 1, dict(enumerate(photos))), facts.Finished(AT)])
    write_outputs(opened)
    seal(opened)
    return open_run(folder)


def reported_run(
    folder: Path, photos: Sequence[Photo], *, fields: tuple[str, ...] = (), analysis: Analysis | None = None
) -> OpenRun:
    """The same with its report."""
    opened = finished_run(folder, photos, fields=fields, analysis=analysis)
    write_tables(opened)
    return opened


def _planned(number: int, photo: Photo) -> PlannedImage:
    return PlannedImage(
        key=f"{photo.source}/{number}",
        source=photo.source,
        name=photo.name,
        points=1 if photo.found is None else len(photo.found),
        image_id=number,
        metadata=photo.metadata,
    )


def replanned(
    opened: OpenRun, photos: Mapping[int, Photo], anew: Sequence[int] = (), classifier: Classifier | None = None
) -> OpenRun:
    """A finished run of which another plan is in force, that names these units, in this order.

    Those that the run did not know, and those that are tried anew, were sent since, in one batch.
    """
    disk, layout = Disk(), opened.layout
    new = {unit: photo for unit, photo in sorted(photos.items()) if unit >= opened.state.units or unit in anew}
    images = tuple(_planned(photo.id or unit + 1, photo) for unit, photo in photos.items())
    plan = replace(opened.plan, images=images, classifier=classifier or opened.plan.classifier)
    files, of_images = codec.encode(plan), units.encode(to_ranges(photos))
    number = opened.state.plan + 1
    folder = layout.plan(number)
    contents = {
        folder.header: files.header,
        folder.images: files.images,
        folder.units: of_images,
        folder.analysis: disk.read(opened.folder.analysis),
    }
    plans.write(folder, disk, contents)
    digest, named = units.plan_digest(codec.digest(files), of_images), units.ascending(to_ranges(photos))
    known = max(opened.state.units, max(photos, default=-1) + 1)
    planned = facts.Planned(AT, number, digest, known, named, to_ranges(anew))
    _record(opened, [planned, *(_classified(opened, opened.state.next_batch, new) if new else ()), facts.Finished(AT)])
    return open_run(layout.root)


def _record(opened: OpenRun, happened: Sequence[facts.Fact]) -> None:
    journal = RunJournal(opened.layout, Disk(), opened.loaded)
    try:
        journal.append(happened)
    finally:
        journal.close()
    for fact in happened:
        apply(opened.state, fact)


def _classified(opened: OpenRun, number: int, photos: Mapping[int, Photo]) -> list[facts.Fact]:
    """What happens when a batch of these units is classified, with its result on disk."""
    failed: Mapping[int, Reason] = {unit: Reason.NOT_AN_IMAGE for unit, photo in photos.items() if photo.found is None}
    entries = [_entry(unit, photo) for unit, photo in photos.items()]
    sha256 = BlobStore(opened.layout, Disk()).write(number, 1, entries, b"the reply")
    return [
        facts.Batched.of(number, photos),
        facts.Intended.of(AT, number, 1, len(photos), "0", (), tuple(Size(5000, 5000) for _ in photos)),
        facts.Submitted(AT, number, 1, str(number)),
        facts.Collected(AT, number, 1, str(number), sha256, len(photos) - len(failed), failed),
    ]


def _entry(number: int, photo: Photo) -> StoredEntry:
    mark = f"r.1.1.{number}"
    if photo.found is None:
        return StoredEntry(number, mark, (), Reason.NOT_AN_IMAGE)
    return StoredEntry(number, mark, tuple(_point(found) for found in photo.found))


def _point(found: Found) -> ScoredPoint:
    scores = (Classification(score, label_id(code), code, f"The label {code}") for code, score in found.scores)
    return ScoredPoint(found.row, found.column, tuple(scores))
