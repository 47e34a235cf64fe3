"""Two finished runs to export: a small drawn one with all that formats ask for, and a real result of CoralNet's API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from tests.unit.results.stories import AT, Story, plan_of, with_metadata

from coralrun.coralnet.codec import wire
from coralrun.exports.model import Export, FolderExport, Results
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Analysis
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry

CORAL, SAND, CCA, SHADE = (11, "Porit", "Porites"), (12, "Sand", "Sand"), (13, "CCA", "CCA"), (14, "SHAD", "Shadow")
LABELS = (CORAL, SAND, CCA, SHADE)

FIELDS = (
    "site", "management", "transect", "quadrat", "date", "latitude", "longitude", "depth", "habitat", "lens",
)  # fmt: skip
ROWS = (
    ("North", "no-take", "1", "1", "2026-03-01", "-17.48", "-149.8", "10", "fore reef", "28 mm"),
    ("North", "no-take", "1", "2", "2026-03-01", "-17.48", "-149.8", "10", "fore reef", "28 mm"),
    ("North", "no-take", "2", "1", "2026-03-01", "-17.48", "-149.8", "10.5", "fore reef", ""),
    ("South, bay", "fished", "1", "1", "2026-03-02", "-17.51", "-149.81", "8", "back reef", "35 mm"),
    ("South, bay", "fished", "1", "2", "2026-03-02", "-17.51", "-149.81", "8", "back reef", "35 mm"),
)
BEST = ((CORAL, CORAL, SAND, SAND), (CORAL, CORAL, SAND, SHADE), (SAND, SAND, SAND, CCA), (CCA, CCA, CCA, CCA))
"""The best label of each point; the fifth image fails."""

GROUPS = LabelGroups(
    name="gcrmn",
    title="GCRMN's benthic categories",
    date="2026-11-22",
    source="for a test",
    levels=("category", "subcategory"),
    groups=(
        Group(path=("Hard coral",), labels=(CORAL[0],), live=True),
        Group(path=("Abiotic", "Sand"), labels=(SAND[0],), live=False),
        Group(path=("Algae", "Coralline algae"), labels=(CCA[0],), live=True),
        Group(path=("Not reef",), labels=(SHADE[0],), usable=False),
    ),
)


def drawn_run(folder: Path) -> Results:
    """A run of five images with four points each, of which one failed."""
    plan = with_metadata(plan_of(5, points=4), FIELDS, ROWS)
    images = tuple(structs.replace(image, name=f"IMG_{number}.jpg") for number, image in enumerate(plan.images))
    design, cover = Design(unit="site", levels=("site", "transect", "image")), CoverOptions(unusable=("SHAD",))
    plan = replace(plan, images=images, analysis=Analysis(design=design, cover=cover, groups=GROUPS))
    story = Story(folder, 5)
    found = [tuple(_point(place, best) for place, best in enumerate(row)) for row in BEST]
    _tell(story, [*found, ()], {4: Reason.NOT_AN_IMAGE})
    return Results(plan=plan, state=story.plan_state, blobs=story.blobs)


def real_run(folder: Path, reply: bytes) -> Results:
    """A run whose result is a reply of CoralNet's API; the images bear the last part of their URLs as names."""
    read = json.loads(reply)["data"]
    images = tuple(
        PlannedImage(
            key=f"coralnet:1/{number}",
            source="coralnet:1",
            name=entry["id"].partition("?")[0].rpartition("/")[2],
            points=len(entry["attributes"]["points"]),
            image_id=number,
            metadata=("Hong Kong", "none", str(number), "1", "2019-06-01", "22.3", "114.2", "5", "reef", ""),
        )
        for number, entry in enumerate(read)
    )
    analysis = Analysis(design=Design(unit="transect"))
    plan = replace(plan_of(len(images)), images=images, fields=FIELDS, analysis=analysis)
    story = Story(folder, len(images))
    _tell(story, [entry.points for entry in wire.decode_result(reply).entries], {})
    return Results(plan=plan, state=story.plan_state, blobs=story.blobs)


def told_run(folder: Path, annotations: Mapping[str, Sequence[str]], labels: Sequence[str]) -> Results:
    """A run that found just these labels on these images, whose codes are their names."""
    plan = plan_of(len(annotations))
    images = tuple(
        structs.replace(image, name=name, points=len(found))
        for image, (name, found) in zip(plan.images, annotations.items(), strict=True)
    )
    story = Story(folder, len(images))
    best = {name: (Classification(1.0, number, name, name),) for number, name in enumerate(labels, start=1)}
    _tell(story, [tuple(ScoredPoint(0, 0, best[name]) for name in found) for found in annotations.values()], {})
    return Results(plan=replace(plan, images=images), state=story.plan_state, blobs=story.blobs)


def text(made: Export | FolderExport) -> str:
    """The whole of an export of one file."""
    assert isinstance(made, Export)
    return b"".join(made.parts).decode()


def _point(place: int, best: tuple[int, str, str]) -> ScoredPoint:
    others = [label for label in LABELS if label is not best]
    scores = (0.845, 0.105, 0.03, 0.02)
    found = tuple(Classification(score, *label) for score, label in zip(scores, [best, *others], strict=True))
    return ScoredPoint(10 * place, 10 * place + 5, found)


def _tell(story: Story, found: Sequence[tuple[ScoredPoint, ...]], lost: dict[int, Reason]) -> None:
    entries = [StoredEntry(n, f"r.1.1.{n}", points, lost.get(n)) for n, points in enumerate(found)]
    sha256, images = story.blobs.write(1, 1, entries, b"the reply"), len(entries)
    happened: tuple[facts.Fact, ...] = (
        facts.Batched.of(1, tuple(range(images))),
        facts.Intended.of(AT, 1, 1, images, "0", (), tuple(Size(99, 99) for _ in range(images))),
        facts.Submitted(AT, 1, 1, "7"),
        facts.Collected(AT, 1, 1, "7", sha256, images - len(lost), lost, {}),
        facts.Finished(AT),
    )
    for fact in happened:
        apply(story.state, fact)
