"""Small samples of images, written as what stands on each: for the tests of cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.answers import blocks_of

from coralrun.cover.reader import Reader
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Classifier, Plan, UnitWeights
from coralrun.results.counts import count_labels
from coralrun.services import about_of
from coralrun.spec.groups import LabelGroups
from coralrun.spec.model import CoverOptions, Design
from coralrun.values.classified import Classification, ScoredPoint

IDS = {"coral": 1, "algae": 2, "sand": 3, "shadow": 4, "unknown": 5, "sponge": 6}


@dataclass(frozen=True)
class Photo:
    """One image: its metadata, and the labels of its points; none at all for one that failed."""

    where: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    score: float = 1.0
    inclusion: float = 1.0


def photo(where: str, points: str, *, score: float = 1.0, inclusion: float = 1.0) -> Photo:
    """A photo from words: `photo("north 1", "coral*3 sand")`."""
    labels: list[str] = []
    for word in points.split():
        label, _, times = word.partition("*")
        labels += [label] * int(times or 1)
    return Photo(tuple("" if field == "-" else field for field in where.split()), tuple(labels), score, inclusion)


def plan_of(photos: Iterable[Photo], fields: tuple[str, ...] = ()) -> Plan:
    return Plan(
        name="sample",
        service="emulator",
        about=about_of("emulator"),
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=tuple(
            PlannedImage(
                key=f"coralnet:1/{number}",
                source="coralnet:1",
                name=f"photo {number}",
                points=max(len(photo.points), 1),
                image_id=number + 1,
                metadata=photo.where,
                inclusion=photo.inclusion,
            )
            for number, photo in enumerate(photos)
        ),
        fields=fields,
        design=None,
        batch_size=100,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
    )


def scored(photo: Photo) -> tuple[ScoredPoint, ...]:
    return tuple(
        ScoredPoint(0, 0, (Classification(photo.score, IDS[label], label, label.title()),)) for label in photo.points
    )


def reader(
    photos: list[Photo],
    fields: tuple[str, ...] = (),
    design: Design | None = None,
    options: CoverOptions | None = None,
    *,
    groups: LabelGroups | None = None,
    areas: Mapping[str, float] | None = None,
    drawn_by: str | None = None,
    unit_weights: UnitWeights | None = None,
    pending: tuple[int, ...] = (),
) -> Reader:
    plan = plan_of(photos, fields)
    options = options or CoverOptions()
    found = ((number, scored(photo)) for number, photo in enumerate(photos) if photo.points)
    counts = count_labels(plan, blocks_of(found), options.min_confidence)
    analysis = Analysis(
        design=design or Design(),
        cover=options,
        groups=groups,
        areas=areas or {},
        unit_weights=unit_weights,
        drawn_by=drawn_by,
    )
    return Reader(counts, plan, analysis, pending)
