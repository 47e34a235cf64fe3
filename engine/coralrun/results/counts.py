"""How many points of each image have which label: what every summary of a run is made of.

Rule: a point counts for its best label alone. With a least confidence, a point whose best score is below it is
`unassigned`: it stays a point of its image and counts for no label, whatever that best label is. `best` alone knows no
such threshold, as CoralNet knows none. Memory grows with images and labels, never with points. Scores are summed over
all that the service gave, in the order of the plan, so that the sums are the same on every rebuild.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coralrun.classified import Label, LabelKey, ScoredPoint
from coralrun.plan.model import Plan

Whole = NDArray[np.int32]


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


Scored = tuple[int, tuple[ScoredPoint, ...]]
"""An image's number in the plan, and its points, as `read_points` gives them."""


class Counting:
    """Counts images one after the other; a point whose best score is below `min_confidence` is unassigned."""

    def __init__(self, images: int, min_confidence: float | None = None) -> None:
        self._least = 0.0 if min_confidence is None else min_confidence
        self._labels: dict[LabelKey, Label] = {}  # in the order of their first scores
        self._places: dict[LabelKey, int] = {}
        self._image, self._label, self._points, self._best = array("i"), array("i"), array("i"), array("i")
        self._scores = array("d")
        self._total = np.zeros(images, np.int32)
        self._unassigned = np.zeros(images, np.int32)

    def watch(self, points: Iterable[Scored]) -> Iterator[Scored]:
        """The same images, each counted as it passes."""
        for which, scored in points:
            self.add(which, scored)
            yield which, scored

    def add(self, which: int, scored: Sequence[ScoredPoint]) -> None:
        """Count the points of one image."""
        best: dict[LabelKey, int] = {}
        sure: dict[LabelKey, int] = {}
        sums: dict[LabelKey, float] = {}
        for point in scored:
            for found in point.classifications:
                if (key := found.label_key) not in self._labels:
                    self._labels[key] = found.label
                    self._places[key] = len(self._places)
                sums[key] = sums.get(key, 0.0) + found.score
            first = point.classifications[0] if point.classifications else None
            if first is not None:
                best[first.label_key] = best.get(first.label_key, 0) + 1
            if first is None or first.score < self._least:
                self._unassigned[which] += 1
            else:
                sure[first.label_key] = sure.get(first.label_key, 0) + 1
        self._total[which] = len(scored)
        for key in sorted(sums, key=lambda key: self._labels[key].order):
            self._image.append(which)
            self._label.append(self._places[key])
            self._points.append(sure.get(key, 0))
            self._best.append(best.get(key, 0))
            self._scores.append(sums[key])

    def done(self) -> LabelCounts:
        """The counts of all images that were added, in their order."""
        known = tuple(sorted(self._labels.values(), key=lambda label: label.order))
        places = np.zeros(len(known), np.int32)  # by the order of their first scores
        places[[self._places[label.key] for label in known]] = np.arange(len(known))
        return LabelCounts(
            labels=known,
            image=np.array(self._image, np.int32),
            label=places[np.array(self._label, np.int32)],
            points=np.array(self._points, np.int32),
            best=np.array(self._best, np.int32),
            scores=np.array(self._scores, np.float64),
            total=self._total,
            unassigned=self._unassigned,
        )


def count_labels(plan: Plan, points: Iterable[Scored], min_confidence: float | None = None) -> LabelCounts:
    """Count the points of each image by label."""
    counting = Counting(len(plan.images), min_confidence)
    for which, scored in points:
        counting.add(which, scored)
    return counting.done()
