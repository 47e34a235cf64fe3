"""Two finished runs to export: a small drawn one with all that formats ask for, and a real result of CoralNet's API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.unit.results.stories import AT, Story, plan_of, with_metadata

from coralrun.coralnet import wire
from coralrun.machine import facts
from coralrun.machine.durable import apply
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Analysis, PlannedImage, Size
from coralrun.results.exports.model import Export, FolderExport, Results
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

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
    images = tuple(replace(image, name=f"IMG_{number}.jpg") for number, image in enumerate(plan.images))
    design, cover = Design(unit="site", levels=("site", "transect", "image")), CoverOptions(unusable=("SHAD",))
    plan = replace(plan, images=images, analysis=Analysis(design=design, cover=cover, groups=GROUPS))
    story = Story(folder, 5)
    data = [_entry(number, [_point(place, best) for place, best in enumerate(row)]) for number, row in enumerate(BEST)]
    url = "https://example.org/4.jpg#coralrun=r.1.1.4"
    data.append({"type": "image", "id": url, "attributes": {"url": url, "errors": ["it failed"]}})
    _tell(story, json.dumps({"data": data}).encode(), 5, {4: Reason.NOT_AN_IMAGE})
    return Results(plan=plan, state=story.state, blobs=story.blobs)


def real_run(folder: Path, reply: bytes) -> Results:
    """A run whose result is a reply of CoralNet's API; the images bear the last part of their URLs as names."""
    read = json.loads(reply)["data"]
    images = tuple(
        PlannedImage(
            key=f"coralnet:1/{number}",
            source="coralnet:1",
            name=each["id"].partition("?")[0].rpartition("/")[2],
            points=len(each["attributes"]["points"]),
            image_id=number,
            metadata=("Hong Kong", "none", str(number), "1", "2019-06-01", "22.3", "114.2", "5", "reef", ""),
        )
        for number, each in enumerate(read)
    )
    analysis = Analysis(design=Design(unit="transect"))
    plan = replace(plan_of(len(images)), images=images, fields=FIELDS, analysis=analysis)
    story = Story(folder, len(images))
    _tell(story, wire.decode_result(reply).blob, len(images), {})
    return Results(plan=plan, state=story.state, blobs=story.blobs)


def told_run(folder: Path, annotations: Mapping[str, Sequence[str]], labels: Sequence[str]) -> Results:
    """A run that found just these labels on these images, whose codes are their names."""
    plan = plan_of(len(annotations))
    images = tuple(
        replace(image, name=name, points=len(found))
        for image, (name, found) in zip(plan.images, annotations.items(), strict=True)
    )
    story = Story(folder, len(images))
    data = []
    for number, found in enumerate(annotations.values()):
        points: list[dict[str, object]] = []
        for name in found:
            label = {"score": 1.0, "label_id": labels.index(name) + 1, "label_code": name, "label_name": name}
            points.append({"row": 0, "column": 0, "classifications": [label]})
        data.append(_entry(number, points))
    _tell(story, json.dumps({"data": data}).encode(), len(images), {})
    return Results(plan=replace(plan, images=images), state=story.state, blobs=story.blobs)


def text(made: Export | FolderExport) -> str:
    """The whole of an export of one file."""
    assert isinstance(made, Export)
    return b"".join(made.parts).decode()


def _point(place: int, best: tuple[int, str, str]) -> dict[str, object]:
    others = [label for label in LABELS if label is not best]
    scores = (0.845, 0.105, 0.03, 0.02)
    found = [
        {"score": score, "label_id": number, "label_code": code, "label_name": name}
        for score, (number, code, name) in zip(scores, [best, *others], strict=True)
    ]
    return {"row": 10 * place, "column": 10 * place + 5, "classifications": found}


def _entry(number: int, points: Sequence[dict[str, object]]) -> dict[str, object]:
    url = f"https://example.org/{number}.jpg#coralrun=r.1.1.{number}"
    return {"type": "image", "id": url, "attributes": {"url": url, "points": points}}


def _tell(story: Story, blob: bytes, images: int, lost: dict[int, Reason]) -> None:
    sha256 = story.blobs.write(1, 1, blob)
    happened: tuple[facts.Fact, ...] = (
        facts.Batched.of(1, tuple(range(images))),
        facts.Intended.of(AT, 1, 1, images, 0, (), tuple(Size(99, 99) for _ in range(images))),
        facts.Submitted(AT, 1, 1, 7),
        facts.Collected(AT, 1, 1, 7, sha256, images - len(lost), lost, {}),
        facts.Finished(AT),
    )
    for fact in happened:
        apply(story.state, fact)
