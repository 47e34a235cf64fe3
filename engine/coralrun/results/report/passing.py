"""What a report wants of single points, picked out while all of them pass by: once, and few are kept.

Rule: nothing here depends on the order in which jobs finished; points come in plan order, and ties go to the first.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from coralrun.classified import ScoredPoint

Points = tuple[ScoredPoint, ...]


@dataclass(frozen=True, order=True, slots=True)
class Doubt:
    """The point of an image of which the classifier was least certain; `point` counts from 1."""

    margin: float
    image: int
    point: int


class Passing:
    """Keeps the points of chosen images, and the images with the least certain points, at most `doubts` of them."""

    def __init__(self, chosen: Collection[int], doubts: int) -> None:
        self._chosen = frozenset(chosen)
        self._most = doubts
        self._doubts: list[tuple[float, int, int, ScoredPoint]] = []  # a heap whose first is the one to go next
        self.points: dict[int, Points] = {}

    def watch(self, points: Iterable[tuple[int, Points]]) -> Iterator[tuple[int, Points]]:
        """Hand points on as they are, and keep what is wanted of them."""
        for image, found in points:
            if image in self._chosen:
                self.points[image] = found
            self._doubt(image, found)
            yield image, found

    def doubts(self) -> tuple[tuple[Doubt, ScoredPoint], ...]:
        """The least certain points, one an image, the least certain first."""
        kept = [(Doubt(-margin, -image, -point), scored) for margin, image, point, scored in self._doubts]
        return tuple(sorted(kept, key=lambda each: each[0]))

    def _doubt(self, image: int, found: Points) -> None:
        if not found or not self._most:
            return
        margins = [margin_of(scored) for scored in found]
        margin = min(margins)
        at = margins.index(margin)
        entry = (-margin, -image, -(at + 1), found[at])
        if len(self._doubts) < self._most:
            heapq.heappush(self._doubts, entry)
        elif entry[:3] > self._doubts[0][:3]:
            heapq.heapreplace(self._doubts, entry)


def margin_of(scored: ScoredPoint) -> float:
    """How far the best label of a point is ahead of the next; a point with one label is as certain as that is."""
    found = scored.classifications
    if len(found) > 1:
        return found[0].score - found[1].score
    return found[0].score if found else 1.0


def spread(numbers: Sequence[int], count: int) -> tuple[int, ...]:
    """So many of the numbers, evenly over their order."""
    count = min(count, len(numbers))
    return tuple(numbers[(2 * each + 1) * len(numbers) // (2 * count)] for each in range(count))
