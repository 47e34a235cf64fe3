"""Which points people look at again: sets that never mix.

Rule: the *audit* is drawn at random, image by image, with a known probability, and is the only one from which anything
may be said about the rest (see `audit`). The *triage* holds the points that the machine is least sure of, outside every
audit so far and asked about once: a label given there is a better label for that point, and says nothing about any
other. Points drawn *by class* are random within each class of the machine (see `by_class`), and correct cover with an
estimator of their own. Same run, same request, same draw.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from math import ceil
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from coralrun.files.segment import NO_LABEL, Whole
from coralrun.results.stored_points import Block
from coralrun.values.classified import LabelKey

_Place = TypeVar("_Place", int, NDArray[np.int64])
_POINT_BITS: Final = 32

RARE_SHARE = 0.01
"""A label is rare with at most this share of all points: there a few wrong ones change its cover by a multiple."""


class ReviewSet(StrEnum):
    """The sets."""

    AUDIT = "audit"
    TRIAGE = "triage"
    BY_CLASS = "by class"


class TriageWhy(StrEnum):
    """Why a point is in the triage."""

    RARE_LABEL = "rare label"
    LOW_SCORE = "low score"
    SMALL_MARGIN = "small margin"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much to review: a share of what there is, or a number."""

    share: float | None = None
    count: int | None = None

    def of(self, population: int) -> int:
        """How many that is, rounded up, and never more than there are."""
        wanted = self.count if self.count is not None else ceil((self.share or 0.0) * population)
        return min(population, max(wanted, 1))


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    """A point to review: `point` counts from 1. In the triage there are no probabilities, and `stratum` says why; of a
    point that was drawn by class it is that class."""

    set: ReviewSet
    image: int
    point: int
    stratum: str
    inclusion: float | None = None
    unit_inclusion: float | None = None


@dataclass(frozen=True, slots=True)
class Census:
    """What a first look at a run's points tells: how many points each image has, and how often each label is best."""

    points: Mapping[int, int]
    labels: Mapping[LabelKey, int]


def take_census(blocks: Iterable[Block]) -> Census:
    """Count a run's points by image and by best label."""
    by_image: dict[int, int] = {}
    labels: Counter[LabelKey] = Counter()
    for block in blocks:
        by_image.update(zip(block.images.tolist(), block.counts.tolist(), strict=True))
        places, times = np.unique(block.places[0][block.places[0] != NO_LABEL], return_counts=True)
        for place, count in zip(places.tolist(), times.tolist(), strict=True):
            labels[block.labels[place].key] += count
    return Census(by_image, labels)


def triage_points(
    blocks: Iterable[Block],
    census: Census,
    audited: Collection[int],
    wanted: Wanted,
    asked: Collection[tuple[int, int]] = (),
) -> tuple[DrawnPoint, ...]:
    """The points that are most worth a look, in plan order: in turn the rarest, the least sure, the closest calls.

    None is on an `audited` image, and none was `asked` about before (by image and point).
    """
    total = sum(census.points.values())
    count = wanted.of(total)
    rare = {label: n for label, n in census.labels.items() if n <= RARE_SHARE * total}
    heaps = {why: _Least(count) for why in TriageWhy}
    on_audited, before = np.array([*audited], np.int64), np.array([_place(*place) for place in asked], np.int64)
    for block in blocks:
        image = np.repeat(block.images, block.counts)
        point = np.arange(len(image)) - np.repeat(np.cumsum(block.counts) - block.counts, block.counts) + 1
        free = ~np.isin(image, on_audited) & ~np.isin(_place(image.astype(np.int64), point), before)
        second = np.where(block.places[1] == NO_LABEL, 0.0, block.scores[1])
        times = np.array([*(rare.get(label.key, 0) for label in block.labels), 0])[block.places[0]]
        heaps[TriageWhy.LOW_SCORE].offer(block.scores[0], image, point, free)
        heaps[TriageWhy.SMALL_MARGIN].offer(block.scores[0] - second, image, point, free)
        heaps[TriageWhy.RARE_LABEL].offer(times, image, point, free & (times > 0))
    chosen: dict[tuple[int, int], TriageWhy] = {}
    for round_ in zip_longest(*(heap.ranked() for heap in heaps.values())):
        for why, place in zip(heaps, round_, strict=True):
            if place is not None and len(chosen) < count:
                chosen.setdefault(place, why)
    return tuple(DrawnPoint(ReviewSet.TRIAGE, *place, str(why)) for place, why in sorted(chosen.items()))


def _place(image: _Place, point: _Place) -> _Place:
    """A point of an image as one number."""
    return (image << _POINT_BITS) + point


class _Least:
    """The `count` places with the least values, in memory that does not grow with the survey."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._heap: list[tuple[float, int, int]] = []

    def offer(self, values: NDArray[Any], images: Whole, points: NDArray[np.intp], free: NDArray[np.bool_]) -> None:
        """Take up those of these places that are free and among the least, the first where they are equal."""
        places = np.flatnonzero(free)
        least = places[np.argsort(values[places], kind="stable")[: self._count]]
        for item in zip(*((-column[least]).tolist() for column in (values, images, points)), strict=True):
            if len(self._heap) < self._count:
                heapq.heappush(self._heap, item)
            elif item > self._heap[0]:
                heapq.heapreplace(self._heap, item)

    def ranked(self) -> list[tuple[int, int]]:
        return [(-image, -point) for _, image, point in sorted(self._heap, reverse=True)]
