"""What a report wants of single points, picked out while all of them pass by: once, and few are kept.

Rule: nothing here depends on the order in which jobs finished; points come in plan order, and ties go to the first.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coralrun.files.segment import NO_LABEL, Numbers
from coralrun.results.stored_points import Block
from coralrun.values.classified import ScoredPoint

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

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Hand points on as they are, and keep what is wanted of them."""
        for block in blocks:
            self._keep(block)
            self._doubt(block)
            yield block

    def doubts(self) -> tuple[tuple[Doubt, ScoredPoint], ...]:
        """The least certain points, one an image, the least certain first."""
        kept = [(Doubt(-margin, -image, -point), scored) for margin, image, point, scored in self._doubts]
        return tuple(sorted(kept, key=lambda doubted: doubted[0]))

    def _keep(self, block: Block) -> None:
        if not self._chosen.isdisjoint(block.images.tolist()):
            self.points.update((image, block.points(part)) for image, part in block.slices() if image in self._chosen)

    def _doubt(self, block: Block) -> None:
        """Offer the least certain point of each image, of those images alone that may be among the least certain."""
        margins, starts = margins_of(block), np.cumsum(block.counts) - block.counts
        least = np.minimum.reduceat(margins, starts)
        for which in np.argsort(least, kind="stable")[: self._most].tolist():
            at = int(starts[which] + np.argmin(margins[starts[which] :][: block.counts[which]]))
            (point,) = block.points(slice(at, at + 1))
            entry = (-float(least[which]), -int(block.images[which]), int(starts[which]) - at - 1, point)
            if len(self._doubts) < self._most:
                heapq.heappush(self._doubts, entry)
            elif entry[:3] > self._doubts[0][:3]:
                heapq.heapreplace(self._doubts, entry)


def margins_of(block: Block) -> Numbers:
    """How far the best label of each point is ahead of the next; a point with one label is as certain as that is."""
    first, second = (np.where(block.places[rank] == NO_LABEL, 0.0, block.scores[rank]) for rank in (0, 1))
    return np.asarray(np.where(block.places[0] == NO_LABEL, 1.0, first - second), float)


def spread(numbers: Sequence[int], count: int) -> tuple[int, ...]:
    """So many of the numbers, evenly over their order."""
    count = min(count, len(numbers))
    return tuple(numbers[(2 * part + 1) * len(numbers) // (2 * count)] for part in range(count))
