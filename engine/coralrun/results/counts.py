"""How many points of each image have which label: what every summary of a run is made of.

Rule: a point counts for its best label alone. With a least confidence, a point whose best score is below it is
`unassigned`: it stays a point of its image and counts for no label. Memory grows with images and labels, never with
points. Scores are summed over all that the service gave, in the order of the plan, so that the sums are the same on
every rebuild.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coralrun.coralnet.wire import ScoredPoint
from coralrun.plan.model import Plan

Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the run's classifier."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCounts:
    """The counts of a run.

    `labels` are all that stand among the scores, by id; some may be no point's best. Row k of the table says that image
    `image[k]` (its number in the plan) has `points[k]` points of `labels[label[k]]`, and that label's scores sum to
    `scores[k]`; rows stand by image, then label. `total` and `unassigned` count points by image, 0 for one without
    predictions.
    """

    labels: tuple[Label, ...]
    image: Whole
    label: Whole
    points: Whole
    scores: NDArray[np.float64]
    total: Whole
    unassigned: Whole


def count_labels(
    plan: Plan, points: Iterable[tuple[int, tuple[ScoredPoint, ...]]], min_confidence: float | None = None
) -> LabelCounts:
    """Count the points of each image by label; `points` as `read_points` gives them."""
    labels: dict[int, Label] = {}
    image, label, number, score = array("i"), array("i"), array("i"), array("d")
    total = np.zeros(len(plan.images), np.int32)
    unassigned = np.zeros(len(plan.images), np.int32)
    least = 0.0 if min_confidence is None else min_confidence
    for which, scored in points:
        best: dict[int, int] = {}
        sums: dict[int, float] = {}
        for point in scored:
            for found in point.classifications:
                if found.label_id not in labels:
                    labels[found.label_id] = Label(found.label_id, found.label_code, found.label_name)
                sums[found.label_id] = sums.get(found.label_id, 0.0) + found.score
            first = point.classifications[0] if point.classifications else None
            if first is None or first.score < least:
                unassigned[which] += 1
            else:
                best[first.label_id] = best.get(first.label_id, 0) + 1
        total[which] = len(scored)
        for each in sorted(sums):
            image.append(which)
            label.append(each)
            number.append(best.get(each, 0))
            score.append(sums[each])
    known = tuple(labels[each] for each in sorted(labels))
    ids = np.array([each.id for each in known], np.int32)
    return LabelCounts(
        labels=known,
        image=np.array(image, np.int32),
        label=np.searchsorted(ids, np.array(label, np.int32)).astype(np.int32),
        points=np.array(number, np.int32),
        scores=np.array(score, np.float64),
        total=total,
        unassigned=unassigned,
    )
