"""Runs told fact by fact, with stored results, for the tests of what is derived from them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from tests.unit.states import state_of

from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.services import about_of
from coralrun.spec.point_design import Method, PointDesign
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry

AT = "2026-01-01T00:00:00Z"


def plan_of(count: int, points: int = 2) -> Plan:
    return Plan(
        name="tables",
        service="emulator",
        about=about_of("emulator"),
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=tuple(
            PlannedImage(key=f"coralnet:1/{n}", source="coralnet:1", name=f"image, {n}", points=points, image_id=n)
            for n in range(count)
        ),
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=points),
        batch_size=100,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
    )


LABELS = tuple((rank, f"L{rank}", f"Label, {rank}") for rank in range(1, 6))


def entries(images: Iterable[int], lost: Container[int] = (), points: int = 2, scores: int = 5) -> list[StoredEntry]:
    """What a result says of these images: an entry each, without points for those that are lost."""
    found = tuple(Classification(0.5 / label[0], *label) for label in LABELS[:scores])
    return [
        StoredEntry(image, f"r.1.1.{place}", (), "service-error")
        if image in lost
        else StoredEntry(image, f"r.1.1.{place}", tuple(ScoredPoint(image, column, found) for column in range(points)))
        for place, image in enumerate(images)
    ]


class Story:
    """A run told fact by fact."""

    def __init__(self, folder: Path, images: int) -> None:
        layout = Layout(folder)
        for folder in layout.folders():
            Disk().make_directory(folder)
        self.blobs = BlobStore(layout, Disk())
        self.state = state_of(images)
        self.job = 0

    @property
    def plan_state(self) -> PlanState:
        """The run as a plan sees it whose images are its units, in their order."""
        return PlanState(self.state, PlanUnits(self.state.named))

    def batch(self, images: tuple[int, ...], lost: dict[int, Reason] | None = None, *, again: bool = False) -> None:
        """A batch of these images, of which some are lost, for good or to be tried again."""
        self.told(images, entries(images, lost or {}), lost, again=again)

    def told(
        self,
        images: tuple[int, ...],
        found: Sequence[StoredEntry],
        lost: dict[int, Reason] | None = None,
        *,
        again: bool = False,
    ) -> None:
        """A batch of these images, of which a result says this."""
        number, lost = self.state.next_batch, lost or {}
        self.job += 1
        sizes = tuple(Size(9, 9) for _ in images)
        sha256 = self.blobs.write(number, 1, found, b"the reply")
        final, retried = ({}, lost) if again else (lost, {})
        happened: list[facts.Fact] = [
            facts.Batched.of(number, images),
            facts.Intended.of(AT, number, 1, len(images), "0", (), sizes),
            facts.Submitted(AT, number, 1, str(self.job)),
            facts.Collected(AT, number, 1, str(self.job), sha256, len(images) - len(lost), final, retried),
        ]
        for fact in happened:
            apply(self.state, fact)


def with_metadata(plan: Plan, fields: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Plan:
    """A plan whose images are described: a row of metadata for each."""
    images = tuple(structs.replace(image, metadata=row) for image, row in zip(plan.images, rows, strict=True))
    return replace(plan, fields=fields, images=images)
