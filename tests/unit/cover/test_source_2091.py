"""Cover of a real source: what CoralNet itself exports for its 7,999 real annotations, image by image."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from tests.answers import blocks_of

from coralrun.cover.reader import Cover, Reader
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.results.counts import count_labels
from coralrun.values.classified import Classification, ScoredPoint

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "source-2091"
ANNOTATIONS = DATA / "coralnet_source_2091_annotations.csv"
COVERS = DATA / "coralnet_source_2091_percent_covers.csv"

CODES = {
    "Acr_dig": "Acropora (digitate)",
    "Acr_tab": "Acropora (tabulate)",
    "Astreo": "Astreopora",
    "BAD": "Bad point",
    "C-Rubble": "Broken coral rubble",
    "D_coral": "Dead coral",
    "Dark": "Too Dark",
    "GFA": "Green fleshy algae",
    "HS": "Hard Substrate",
    "Lepta": "Leptastrea",
    "Monti": "Montipora",
    "Monti_encr": "Montipora (encrusting)",
    "Platy": "Platygyra",
    "Pocill": "Pocillopora",
    "SC": "Soft Coral",
    "fav": "Favia",
}
"""Codes of the one export whose names in the other differ; both are of the same source."""

pytestmark = pytest.mark.skipif(
    not COVERS.exists(), reason="the real exports stand beside the project, and are not here"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


MISSING = ("o0201b.png", "Montastraea")
"""The 8,000th annotation: the covers count it among this image's 20 points, and the export of annotations lacks it."""


def annotated() -> dict[str, list[str]]:
    """The label names of each image's points."""
    of_image: dict[str, list[str]] = defaultdict(list)
    for row in rows(ANNOTATIONS):
        of_image[row["Name"]].append(CODES.get(row["Label"], row["Label"]))
    return of_image


def cover_of(annotations: dict[str, list[str]], labels: list[str]) -> Cover:
    plan = Plan(
        name="real",
        service="emulator",
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=tuple(
            PlannedImage(key=name, source="coralnet:2091", name=name, points=len(found))
            for name, found in annotations.items()
        ),
        design=None,
        batch_size=100,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
    )

    def points(found: list[str]) -> tuple[ScoredPoint, ...]:
        return tuple(
            ScoredPoint(0, 0, (Classification(1.0, labels.index(label) + 1, label, label),)) for label in found
        )

    counts = count_labels(plan, blocks_of((number, points(found)) for number, found in enumerate(annotations.values())))
    return Reader(counts, plan, Analysis()).cover()


def differences(cover: Cover, exported: list[dict[str, str]], labels: list[str]) -> dict[tuple[str, str], str]:
    """Where our cover of an image, to three decimals, is not CoralNet's."""
    images = cover.images
    ours = dict(zip(zip(images["name"], images["group"], strict=True), images["mean"], strict=True))
    wanted = {(row["Image name"], label): row[label] for row in exported[:-1] for label in labels}
    assert len(wanted) == 400 * len(labels)
    return {key: theirs for key, theirs in wanted.items() if f"{ours.get(key, 0.0):.3f}" != theirs}


def test_percent_covers_equal_those_that_coralnet_exports_to_its_three_decimals() -> None:
    exported = rows(COVERS)
    labels = list(exported[0])[4:]
    annotations = annotated()
    assert sum(map(len, annotations.values())) == 7999

    cover = cover_of(annotations, labels)
    assert {name for name, _ in differences(cover, exported, labels)} == {MISSING[0]}

    annotations[MISSING[0]].append(MISSING[1])
    cover = cover_of(annotations, labels)
    assert differences(cover, exported, labels) == {}
    overall = cover.overall.set_index("group")["coralnet_all_images"]
    assert {label: f"{overall.get(label, 0.0):.3f}" for label in labels} == {
        label: exported[-1][label] for label in labels
    }
