"""Which points people look at again: two sets that never mix.

Rule: the *audit* is drawn at random, image by image, with a known probability, and is the only one from which anything
may be said about the rest (see `audit`). The *triage* holds the points that the machine is least sure of, outside every
audit so far and asked about once: a label given there is a better label for that point, and says nothing about any
other. Same run, same wish, same draw.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from math import ceil

from coralrun.classified import LabelKey
from coralrun.results.matching import Points

RARE_SHARE = 0.01
"""A label is rare with at most this share of all points: there a few wrong ones change its cover by a multiple."""


class ReviewSet(StrEnum):
    """The two sets."""

    AUDIT = "audit"
    TRIAGE = "triage"


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
    """A point to review: `point` counts from 1. In the triage there are no probabilities, and `stratum` says why."""

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


def take_census(points: Points) -> Census:
    """Count a run's points by image and by best label."""
    by_image: dict[int, int] = {}
    labels: Counter[LabelKey] = Counter()
    for number, found in points:
        by_image[number] = len(found)
        labels.update(point.classifications[0].label_key for point in found)
    return Census(by_image, labels)


def triage_points(
    points: Points, census: Census, audited: Collection[int], wanted: Wanted, asked: Collection[tuple[int, int]] = ()
) -> tuple[DrawnPoint, ...]:
    """The points that are most worth a look, in plan order: in turn the rarest, the least sure, the closest calls.

    None is on an `audited` image, and none was `asked` about before (by image and point).
    """
    total = sum(census.points.values())
    count = wanted.of(total)
    rare = {label for label, n in census.labels.items() if n <= RARE_SHARE * total}
    heaps = {why: _Least(count) for why in TriageWhy}
    for number, found in points:
        if number in audited:
            continue
        for index, point in enumerate(found, start=1):
            if (number, index) in asked:
                continue
            best, *others = point.classifications
            heaps[TriageWhy.LOW_SCORE].offer(best.score, number, index)
            heaps[TriageWhy.SMALL_MARGIN].offer(best.score - (others[0].score if others else 0.0), number, index)
            if best.label_key in rare:
                heaps[TriageWhy.RARE_LABEL].offer(census.labels[best.label_key], number, index)
    chosen: dict[tuple[int, int], TriageWhy] = {}
    for round_ in zip_longest(*(heap.ranked() for heap in heaps.values())):
        for why, place in zip(heaps, round_, strict=True):
            if place is not None and len(chosen) < count:
                chosen.setdefault(place, why)
    return tuple(DrawnPoint(ReviewSet.TRIAGE, *place, str(why)) for place, why in sorted(chosen.items()))


class _Least:
    """The `count` places with the least values, in memory that does not grow with the survey."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._heap: list[tuple[float, int, int]] = []

    def offer(self, value: float, image: int, point: int) -> None:
        item = (-value, -image, -point)
        if len(self._heap) < self._count:
            heapq.heappush(self._heap, item)
        elif item > self._heap[0]:
            heapq.heapreplace(self._heap, item)

    def ranked(self) -> list[tuple[int, int]]:
        return [(-image, -point) for _, image, point in sorted(self._heap, reverse=True)]
