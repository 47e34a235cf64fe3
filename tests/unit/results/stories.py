"""Runs told fact by fact, with stored results, for the tests of what is derived from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from coralrun.machine import facts
from coralrun.machine.durable import Durable, apply
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Classifier, Plan, PlannedImage, Size
from coralrun.spec.model import Method, PointDesign
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

AT = "2026-01-01T00:00:00Z"


def plan_of(count: int, points: int = 2) -> Plan:
    return Plan(
        name="tables",
        service="emulator",
        survey_digest="0" * 64,
        classifier=Classifier(id=1),
        images=tuple(
            PlannedImage(key=f"coralnet:1/{n}", source="coralnet:1", name=f"image, {n}", points=points, image_id=n)
            for n in range(count)
        ),
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=points),
        batch_size=100,
        concurrency=5,
        patience_s=1,
        attempts=3,
        web_rate=4,
    )


def blob(images: list[int | None], points: int = 2, scores: int = 5) -> bytes:
    """A stored result; None is an image that failed."""

    def entry(position: int, image: int | None) -> dict[str, object]:
        url = f"https://example.org/{position}.jpg#coralrun=r.1.1.{position}"
        if image is None:
            return {"type": "image", "id": url, "attributes": {"url": url, "errors": ["it failed"]}}
        found = [
            {"score": 0.5 / rank, "label_id": rank, "label_code": f"L{rank}", "label_name": f"Label, {rank}"}
            for rank in range(1, scores + 1)
        ]
        rows = [{"row": image, "column": column, "classifications": found} for column in range(points)]
        return {"type": "image", "id": url, "attributes": {"url": url, "points": rows}}

    return json.dumps({"data": [entry(position, image) for position, image in enumerate(images)]}).encode()


class Story:
    """A run told fact by fact."""

    def __init__(self, folder: Path, images: int) -> None:
        layout = Layout(folder)
        Disk().make_directory(layout.results)
        self.blobs = BlobStore(layout, Disk())
        self.state = Durable(total=images)
        self.job = 0

    def batch(self, images: tuple[int, ...], lost: dict[int, Reason] | None = None, *, again: bool = False) -> None:
        number, lost = self.state.next_batch, lost or {}
        self.job += 1
        sizes = tuple(Size(9, 9) for _ in images)
        sha256 = self.blobs.write(number, 1, blob([None if image in lost else image for image in images]))
        final, retried = ({}, lost) if again else (lost, {})
        happened: list[facts.Fact] = [
            facts.Batched.of(number, images),
            facts.Intended.of(AT, number, 1, len(images), 0, (), sizes),
            facts.Submitted(AT, number, 1, self.job),
            facts.Collected(AT, number, 1, self.job, sha256, len(images) - len(lost), final, retried),
        ]
        for fact in happened:
            apply(self.state, fact)


def with_metadata(plan: Plan, fields: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Plan:
    """A plan whose images are described: a row of metadata for each."""
    images = tuple(replace(image, metadata=row) for image, row in zip(plan.images, rows, strict=True))
    return replace(plan, fields=fields, images=images)
