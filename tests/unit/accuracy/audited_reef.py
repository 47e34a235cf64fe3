"""Audited reefs drawn from a seed, whose true cover is known: to hold corrected intervals against.

Every reef has its own mean cover for each site (site effects) and for each photo; sites, photos and points are drawn,
and the truth is the mean of the reef that all sites come from. The classifier errs: it takes a quarter of the coral for
turf, and little turf for coral. People err never, and see what the audit drew: as in the program, by the same code.
`python -m tests.unit.accuracy.audited_reef --seeds 1000` prints how often the intervals hold the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tests.answers import blocks_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.corrected import corrected
from coralrun.cover.reader import Reader
from coralrun.estimates.units import units_of
from coralrun.planning.images import PlannedImage
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.results.counts import count_labels
from coralrun.review.audit import Candidate, DrawnImage, audit_points, draw_images
from coralrun.review.labels import Label
from coralrun.review.reviewed import ReviewedPoint, Reviews
from coralrun.review.sets import DrawnPoint, Wanted
from coralrun.spec.model import Design
from coralrun.values.classified import Classification, ScoredPoint

CLASSES = ("coral", "turf", "sand", "sponge")
REEF = np.array([0.30, 0.40, 0.28, 0.02])
TAKES_FOR = np.array([[0.75, 0.24, 0.01, 0.0], [0.05, 0.90, 0.05, 0.0], [0.0, 0.05, 0.94, 0.01], [0.1, 0.2, 0.2, 0.5]])
POINTS = 20
SITE = Analysis(design=Design(unit="site"))
DEPTHS = ("deep", "shallow")
IN_BOTH = Analysis(design=Design(unit="site", strata_field="depth"), areas={"deep": 1.0, "shallow": 1.0})


@dataclass(frozen=True, kw_only=True)
class World:
    """How reefs are sampled: so many sites, photos at each (of each depth, where there are depths), share reviewed.

    With `parts` the audit is several draws instead, of so many photos each. `effect` says how much sites differ: their
    cover is Dirichlet, with this sum of parameters, so less is more. With `depths` each site lies in two strata, and is
    drawn once.
    """

    sites: int = 30
    photos: int = 6
    sample: float = 0.2
    parts: tuple[int, ...] = ()
    effect: float = 12
    depths: bool = False


def machine_says(code: str, score: float = 0.9) -> Classification:
    return Classification(score, label_id(code), code, code)


def plan_of(metadata: Sequence[tuple[str, ...]], fields: tuple[str, ...], analysis: Analysis, points: int) -> Plan:
    images = tuple(
        PlannedImage(key=str(n), source="coralnet:2", name=f"{n}.jpg", points=points, image_id=n + 1, metadata=values)
        for n, values in enumerate(metadata)
    )
    return Plan(
        name="reef", service="emulator", survey_digest="0" * 64, classifier=Classifier(id="1"), images=images,
        fields=fields, design=None, batch_size=100, concurrency=5, attempts=3,
        points_per_entry=200, analysis=analysis,
    )  # fmt: skip


def reader_of(plan: Plan, machine: list[list[str]]) -> Reader:
    """Cover of images that the machine labelled so."""
    points = [
        (number, tuple(ScoredPoint(0, at, (machine_says(code),)) for at, code in enumerate(codes)))
        for number, codes in enumerate(machine)
    ]
    return Reader(count_labels(plan, blocks_of(points)), plan, plan.analysis)


def correction(
    reader: Reader, plan: Plan, human: list[list[str]], machine: list[list[str]], drawn: list[DrawnPoint]
) -> pd.DataFrame:
    """Corrected cover of images with these labels; people looked at what was drawn."""
    seen = tuple(
        ReviewedPoint(
            point.image,
            point.point,
            Label(label_id(human[point.image][point.point - 1]), human[point.image][point.point - 1]),
            machine_says(machine[point.image][point.point - 1]),
            LabelledPoint(line=1, name="", row=0, column=0),
            point,
        )
        for point in drawn
    )
    return corrected(reader, plan, plan.analysis, Reviews(points=seen, audit=tuple(drawn)))


def result(
    plan: Plan, human: list[list[str]], machine: list[list[str]], drawn: list[DrawnPoint]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cover, and corrected cover, of images with these labels; people looked at what was drawn."""
    reader = reader_of(plan, machine)
    return reader.by(()), correction(reader, plan, human, machine, drawn)


def one_reef(world: World, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cover, and corrected cover, of one reef."""
    chance = np.random.default_rng(seed)
    sites = chance.dirichlet(REEF * world.effect, world.sites)
    human, machine, metadata = [], [], []
    for number, site in enumerate(sites):
        for depth, _ in product(DEPTHS if world.depths else ("",), range(world.photos)):
            photo = chance.dirichlet(np.maximum(site * 20, 1e-6))
            true = chance.choice(len(CLASSES), POINTS, p=photo)
            taken = (chance.random((POINTS, 1)) > TAKES_FOR.cumsum(axis=1)[true]).sum(axis=1)
            human.append([CLASSES[code] for code in true])
            machine.append([CLASSES[code] for code in taken])
            metadata.append((f"site{number}", depth))
    plan = plan_of(metadata, ("site", "depth"), IN_BOTH if world.depths else SITE, POINTS)
    units = units_of(plan)
    assert units is not None
    candidates = [Candidate(n, "", f"{metadata[n][1]} / {units[n]}") for n in range(len(human))]
    images: tuple[DrawnImage, ...] = ()
    for wanted in [Wanted(count=part) for part in world.parts] or [Wanted(share=world.sample)]:
        images = draw_images(candidates, wanted, seed, [image.image for image in images])
    drawn = list(audit_points(images, dict.fromkeys(range(len(human)), POINTS), None, seed))
    return result(plan, human, machine, drawn)


class Coverage(NamedTuple):
    """How often, of 100 reefs, either interval holds the truth, and the mean error of either cover; by class."""

    corrected: NDArray[np.float64]
    machine: NDArray[np.float64]
    error: NDArray[np.float64]
    machine_error: NDArray[np.float64]


@cache
def coverage(world: World, seeds: int) -> Coverage:
    """Of so many reefs."""
    truth = 100 * REEF
    sums = np.zeros((4, len(CLASSES)))
    for seed in range(seeds):
        cover, better = one_reef(world, seed)
        better = better[better["stratum"] == ""]
        cover, better = (frame.set_index("group").reindex(list(CLASSES)) for frame in (cover, better))
        for place, frame in enumerate((better, cover)):
            lo, hi = frame["lo"].to_numpy(float), frame["hi"].to_numpy(float)
            sums[place] += 100 * ((lo <= truth) & (truth <= hi))
        sums[2] += better["cover_corrected"].to_numpy(float) - truth
        sums[3] += better["cover_machine"].to_numpy(float) - truth
    return Coverage(*sums / seeds)


def main() -> None:
    """Print the coverage of both covers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--sites", type=int, default=World.sites)
    parser.add_argument("--photos", type=int, default=World.photos)
    parser.add_argument("--sample", type=float, default=World.sample)
    parser.add_argument("--parts", type=int, nargs="+", default=World.parts)
    parser.add_argument("--depths", action="store_true")
    options = vars(parser.parse_args())
    seeds = options.pop("seeds")
    world = World(**{**options, "parts": tuple(options["parts"])})
    found = coverage(world, seeds)
    print(world)
    for place, name in enumerate(CLASSES):
        print(f"{name:6}  machine alone {found.machine[place]:5.1f}  corrected {found.corrected[place]:5.1f}")


if __name__ == "__main__":
    main()
