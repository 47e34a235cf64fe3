"""Cover of 15,695 real photos of 44 sites: photos of one site are alike, and who forgets it is far too certain."""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.unit.cover.samples import Photo, plan_of

from coralrun.cover.reader import Reader
from coralrun.planning.model import Analysis
from coralrun.results.counts import LabelCounts
from coralrun.spec.model import Design
from coralrun.values.classified import Label

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "intermareal-15k"
POINTS = 100

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real exports stand beside the project, and are not here")


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name) as file:
        return list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", newline="")))


@cache
def real() -> tuple[LabelCounts, list[Photo], dict[str, float]]:
    """The counts, the photos with their strata and sites, and CoralNet's own ALL IMAGES."""
    *covers, everything = rows("percent_covers.csv.gz")
    sites = {row["Name"]: (row["strata"], row["locality"], row["site"]) for row in rows("metadata.csv.gz")}
    codes = list(everything)[4:]
    table = np.array([[round(float(row[code])) for code in codes] for row in covers], np.int32)
    image, label = np.nonzero(table)
    counts = LabelCounts(
        labels=tuple(Label(number, code, code) for number, code in enumerate(codes, start=1)),
        image=image.astype(np.int32),
        label=label.astype(np.int32),
        points=table[image, label],
        best=table[image, label],
        scores=np.zeros(len(image)),
        total=np.full(len(covers), POINTS, np.int32),
        unassigned=np.zeros(len(covers), np.int32),
    )
    photos = [Photo(sites[row["Image name"]], ("x",) * POINTS) for row in covers]
    return counts, photos, {code: float(everything[code]) for code in codes}


@cache
def standard_errors(unit: str) -> dict[str, float]:
    counts, photos, _ = real()
    design = Design(unit=unit, levels=("locality", "site", "image"))
    frame = Reader(counts, plan_of(photos, ("strata", "locality", "site")), Analysis(design=design)).by(())
    return dict(zip(frame["group"], frame["se"], strict=True))


def test_the_unweighted_mean_over_images_is_coralnets_all_images() -> None:
    counts, photos, wanted = real()
    frame = Reader(counts, plan_of(photos), Analysis()).by(())
    found = {code: f"{mean:.3f}" for code, mean in zip(frame["group"], frame["coralnet_all_images"], strict=True)}
    assert found == {code: f"{mean:.3f}" for code, mean in wanted.items()}


def test_photos_taken_for_units_make_standard_errors_several_times_too_small() -> None:
    _, _, cover = real()
    ratios = {code: standard_errors("site")[code] / standard_errors("image")[code] for code in cover if cover[code] > 5}
    assert len(ratios) > 5
    assert min(ratios.values()) > 4
