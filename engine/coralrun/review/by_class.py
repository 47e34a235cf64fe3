"""The audit by class: points drawn by what the machine calls them, so that people see enough of what is rare.

Rule: within a class of the machine all points of the run are as likely, whatever photo they are on; those of further
draws are taken from the points that are left: together they are one simple random sample of the class. Half of the
points asked for are divided evenly over the classes, half in proportion to what each has in the run (a compromise of
Olofsson and others 2014, Remote Sensing of Environment 148:42-57, section 5.1.2): the even half sees what the machine
mistakes for a rare class, the other half what it misses of it. Such points never enter the audit of images, nor those
of images it: each has an estimator of its own (see `accuracy.two_phase`). Same run, same request, same draw.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coralrun.files.segment import NO_LABEL
from coralrun.results.stored_points import Block
from coralrun.review.draws import Place
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.values.classified import LabelKey
from coralrun.values.ids import SplitMix64, seed_from

UNASSIGNED = "unassigned"
"""The class of points whose best score is below the survey's least confidence."""


@dataclass(frozen=True, slots=True)
class MachineClasses:
    """The machine's classes at one level: their names, the class of each label (none for an unusable one), and the
    least score of a point that is assigned. The class behind the last is `UNASSIGNED`."""

    level: str
    names: tuple[str, ...]
    of_label: Mapping[LabelKey, int]
    least: float

    @property
    def strata(self) -> tuple[str, ...]:
        """All classes, the unassigned points last."""
        return *self.names, UNASSIGNED

    def of(self, key: LabelKey, score: float) -> int:
        """The class of a point by its best label, -1 for one that the machine finds unusable."""
        return len(self.names) if score < self.least else self.of_label.get(key, -1)


class _Points:
    """The points of a run class by class: the image and the number (from 1) of each, in the order of the run."""

    def __init__(self, blocks: Iterable[Block], classes: MachineClasses) -> None:
        parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        for block in blocks:
            table = np.array([*(classes.of_label.get(label.key, -1) for label in block.labels), -1], np.int64)
            of_point = np.where(block.places[0] == NO_LABEL, -1, table[block.places[0]])
            of_point = np.where(block.scores[0] < classes.least, len(classes.names), of_point)
            image = np.repeat(block.images, block.counts).astype(np.int64)
            point = np.arange(len(image)) - np.repeat(np.cumsum(block.counts) - block.counts, block.counts) + 1
            parts.append((of_point, image, point))
        stacked = [np.concatenate(column) if parts else np.zeros(0, np.int64) for column in zip(*parts, strict=True)]
        self.of_point, self.image, self.point = stacked or [np.zeros(0, np.int64)] * 3

    def in_class(self, number: int) -> list[Place]:
        """Those of one class."""
        at = np.flatnonzero(self.of_point == number)
        return list(zip(self.image[at].tolist(), self.point[at].tolist(), strict=True))


def allocate(sizes: Sequence[int], total: int) -> list[int]:
    """Divide `total` points over classes of these sizes: half evenly, half in proportion, never more than there are."""
    given = [0] * len(sizes)
    total = min(total, sum(sizes))
    while left := total - sum(given):
        open_ = [k for k, size in enumerate(sizes) if given[k] < size]
        everything = sum(sizes[k] - given[k] for k in open_)
        wanted = {k: (left / len(open_) + left * (sizes[k] - given[k]) / everything) / 2 for k in open_}
        before = sum(given)
        for k in open_:
            given[k] += min(sizes[k] - given[k], int(wanted[k]))
        if sum(given) == before:
            for k in sorted(open_, key=lambda k: (-wanted[k], k))[:left]:
                given[k] += 1
    return given


def draw_by_class(
    blocks: Iterable[Block], classes: MachineClasses, total: int, seed: int, earlier: Collection[Place] = ()
) -> Iterator[DrawnPoint]:
    """Draw `total` further points, in plan order, each with the probability that all draws together give it."""
    points, had = _Points(blocks, classes), frozenset(earlier)
    everything = [points.in_class(number) for number in range(len(classes.strata))]
    free = [[place for place in places if place not in had] for places in everything]
    found = []
    for number, count in enumerate(allocate([len(places) for places in free], total)):
        name = classes.strata[number]
        chance = SplitMix64(seed_from("by class", seed, classes.level, name, len(had)))
        chosen = chance.sample(len(free[number]), count)
        taken = len(everything[number]) - len(free[number]) + count
        found += [
            DrawnPoint(ReviewSet.BY_CLASS, *free[number][at], name, taken / len(everything[number])) for at in chosen
        ]
    return iter(sorted(found, key=lambda point: (point.image, point.point)))
