"""Which points people look at again: two sets that never mix.

Rule: the *audit* is drawn at random, image by image, with a known probability, and is the only one from which anything
may be said about the rest. The *triage* holds the points that the machine is least sure of, outside the audit: a label
given there is a better label for that point, and says nothing about any other. Same run, same wish, same draw.

The audit spreads over the design units. Where there are at least as many images to draw as units, every unit gets its
share, rounded so that none is left out; where there are fewer, units are drawn first, and one image of each. Strata, if
any are named, get their share first (Cochran 1977, Sampling Techniques, chapters 5 and 10).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from math import ceil

from coralrun.ids import SplitMix64, seed_from
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
class Candidate:
    """An image that may be drawn: its number in the plan, its stratum ("" for none) and its design unit."""

    image: int
    stratum: str
    unit: str


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image of the audit. `inclusion` is the probability with which it was drawn, `unit_inclusion` its unit's."""

    image: int
    stratum: str
    inclusion: float
    unit_inclusion: float


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    """A point to review: `point` counts from 1. In the triage there are no probabilities, and `stratum` says why."""

    set: ReviewSet
    image: int
    point: int
    stratum: str
    inclusion: float | None = None
    unit_inclusion: float | None = None


def draw_images(candidates: Sequence[Candidate], wanted: Wanted, seed: int) -> tuple[DrawnImage, ...]:
    """Draw the images of an audit, in plan order."""
    strata: dict[str, list[Candidate]] = {}
    for each in candidates:
        strata.setdefault(each.stratum, []).append(each)
    total = wanted.of(len(candidates)) if candidates else 0
    shares = _shares({name: len(members) for name, members in strata.items()}, total)
    drawn: list[DrawnImage] = []
    for name, members in sorted(strata.items()):
        chance = SplitMix64(seed_from("audit", seed, name))
        drawn += _in_stratum(name, members, shares[name], chance)
    return tuple(sorted(drawn, key=lambda each: each.image))


def _in_stratum(stratum: str, members: Sequence[Candidate], wanted: int, chance: SplitMix64) -> Iterator[DrawnImage]:
    units: dict[str, list[int]] = {}
    for each in members:
        units.setdefault(each.unit, []).append(each.image)
    names = sorted(units)
    if wanted >= len(names):
        shares = _shares({name: len(units[name]) for name in names}, wanted)
        unit_inclusion = 1.0
    else:
        names = [names[index] for index in chance.sample(len(names), wanted)]
        shares = dict.fromkeys(names, 1)
        unit_inclusion = wanted / len(units)
    for name in names:
        images, count = units[name], shares[name]
        for index in chance.sample(len(images), count):
            yield DrawnImage(images[index], stratum, unit_inclusion * count / len(images), unit_inclusion)


def _shares(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """Divide `total` in proportion to sizes: at least one each, never more than there are, by largest remainders."""
    everything = sum(sizes.values())
    shares = {name: min(size, max(1, total * size // everything)) for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(total * sizes[name] % everything), name))
    left = total - sum(shares.values())
    while left > 0:
        growing = [name for name in by_remainder if shares[name] < sizes[name]][:left]
        for name in growing:
            shares[name] += 1
        left -= len(growing)
    return shares


def audit_points(
    images: Iterable[DrawnImage], counts: Mapping[int, int], per_image: int | None, seed: int
) -> Iterator[DrawnPoint]:
    """The points of an audit: all of each drawn image, or `per_image` of them at random. `counts` is by image."""
    for drawn in images:
        count = counts[drawn.image]
        chosen: Sequence[int] = range(count)
        if per_image is not None and per_image < count:
            chosen = SplitMix64(seed_from("audit points", seed, drawn.image)).sample(count, per_image)
        inclusion = drawn.inclusion * len(chosen) / count
        for index in chosen:
            yield DrawnPoint(ReviewSet.AUDIT, drawn.image, index + 1, drawn.stratum, inclusion, drawn.unit_inclusion)


@dataclass(frozen=True, slots=True)
class Census:
    """What a first look at a run's points tells: how many points each image has, and how often each label is best."""

    points: Mapping[int, int]
    labels: Mapping[int, int]


def take_census(points: Points) -> Census:
    """Count a run's points by image and by best label."""
    by_image: dict[int, int] = {}
    labels: Counter[int] = Counter()
    for number, found in points:
        by_image[number] = len(found)
        labels.update(point.classifications[0].label_id for point in found)
    return Census(by_image, labels)


def triage_points(points: Points, census: Census, audited: frozenset[int], wanted: Wanted) -> tuple[DrawnPoint, ...]:
    """The points that are most worth a look, in plan order: in turn the rarest, the least sure, the closest calls."""
    total = sum(census.points.values())
    count = wanted.of(total)
    rare = {label for label, n in census.labels.items() if n <= RARE_SHARE * total}
    heaps = {why: _Least(count) for why in TriageWhy}
    for number, found in points:
        if number in audited:
            continue
        for index, point in enumerate(found, start=1):
            best, *others = point.classifications
            heaps[TriageWhy.LOW_SCORE].offer(best.score, number, index)
            heaps[TriageWhy.SMALL_MARGIN].offer(best.score - (others[0].score if others else 0.0), number, index)
            if best.label_id in rare:
                heaps[TriageWhy.RARE_LABEL].offer(census.labels[best.label_id], number, index)
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
