"""How many points of each image have which label: what every summary of a run is made of.

Rule: a point counts for its best label alone. With a least confidence, a point whose best score is below it is
`unassigned`: it stays a point of its image and counts for no label, whatever that best label is. `best` alone knows no
such threshold, as CoralNet knows none. Memory grows with images and labels, never with points. Scores are summed over
all that are kept of a point, in the order of the plan, so that the sums are the same on every rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.files.segment import NO_LABEL, Whole
from coralrun.planning.model import Plan
from coralrun.results.stored_points import Block
from coralrun.values.classified import Label, LabelKey


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCounts:
    """The counts of a run.

    `labels` are all that stand among the scores, by id; some may be no point's best. Row k of the table says that image
    `image[k]` (its number in the plan) has `points[k]` points of `labels[label[k]]`, and that label's scores sum to
    `scores[k]`; without a least confidence the points would be `best[k]`. Rows stand by image, then label. `total` and
    `unassigned` count points by image, 0 for one without predictions.
    """

    labels: tuple[Label, ...]
    image: Whole
    label: Whole
    points: Whole
    best: Whole
    scores: NDArray[np.float64]
    total: Whole
    unassigned: Whole


_MOST_CELLS: Final = 2_000_000
"""Of images by labels that are counted together."""

_Part = tuple[Whole, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]
_NOTHING: Final[_Part] = (
    np.zeros(0, np.int32), np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
)  # fmt: skip


class Counting:
    """Counts images some at a time; a point whose best score is below `min_confidence` is unassigned."""

    def __init__(self, images: int, min_confidence: float | None = None) -> None:
        self._least = 0.0 if min_confidence is None else min_confidence
        self._labels: dict[LabelKey, Label] = {}  # as each was met first
        self._places: dict[LabelKey, int] = {}
        self._of_table: list[int] = []  # the place of each label of the blocks' table
        self._parts: list[_Part] = []
        self._total = np.zeros(images, np.int32)
        self._unassigned = np.zeros(images, np.int32)

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same images, each counted as it passes."""
        for block in blocks:
            self.add(block)
            yield block

    def add(self, block: Block) -> None:
        """Count the points of some images."""
        for label in block.labels[len(self._of_table) :]:
            self._labels.setdefault(label.key, label)
            self._of_table.append(self._places.setdefault(label.key, len(self._places)))
        at_once = max(1, _MOST_CELLS // max(1, len(self._labels)))
        ends = [0, *np.cumsum(block.counts).tolist()]
        for first in range(0, len(block.images), at_once):
            last = min(first + at_once, len(block.images))
            self._count(block, slice(first, last), slice(ends[first], ends[last]))

    def _count(self, block: Block, of_images: slice, of_points: slice) -> None:
        """Count images whose points are these; a cell is an image and a label."""
        images, counts, n = block.images[of_images], block.counts[of_images], len(self._labels)
        scores, places = block.scores[:, of_points], block.places[:, of_points]
        image = np.repeat(np.arange(len(images)), counts)
        cell = np.where(places == NO_LABEL, NO_LABEL, image * n + np.array([*self._of_table, 0])[places])
        size = len(images) * n
        given = cell.T != NO_LABEL
        given_cells = cell.T[given]  # point by point, so that scores add up in this order
        sums = np.bincount(given_cells, scores.T[given], size).astype(np.float64, copy=False)
        met = np.flatnonzero(np.bincount(given_cells, minlength=size))
        named = cell[0] != NO_LABEL
        sure = named & (scores[0] >= self._least)
        points, best = (np.bincount(cell[0][which], minlength=size)[met] for which in (sure, named))
        self._total[images] = counts
        self._unassigned[images] = np.bincount(image[~sure], minlength=len(images))
        self._parts.append((images[met // n], met % n, points, best, sums[met]))

    def done(self) -> LabelCounts:
        """The counts of all images that were added, in their order."""
        known = tuple(sorted(self._labels.values(), key=lambda label: label.order))
        by_order = np.zeros(len(known), np.intp)
        by_order[[self._places[label.key] for label in known]] = np.arange(len(known))
        image, label, points, best, scores = (np.concatenate(part) for part in zip(_NOTHING, *self._parts, strict=True))
        label = by_order[label]
        rows = np.lexsort((label, image))
        return LabelCounts(
            labels=known,
            image=image[rows].astype(np.int32),
            label=label[rows].astype(np.int32),
            points=points[rows].astype(np.int32),
            best=best[rows].astype(np.int32),
            scores=scores[rows],
            total=self._total,
            unassigned=self._unassigned,
        )


def count_labels(plan: Plan, blocks: Iterable[Block], min_confidence: float | None = None) -> LabelCounts:
    """Count the points of each image by label."""
    counting = Counting(len(plan.images), min_confidence)
    for block in blocks:
        counting.add(block)
    return counting.done()
