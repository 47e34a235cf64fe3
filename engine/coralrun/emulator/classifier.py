"""Classifiers to plug in: one that truly learns from annotated points, and one that only draws lots.

Rule: both give the same scores for the same content and points, in every process. scikit-learn is imported when a
classifier is first trained, which is when it is first asked for scores.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coralrun.emulator import protocol
from coralrun.emulator.features import point_features
from coralrun.emulator.site import Picture, Points, Scores
from coralrun.values.ids import seed_from

TREES = 150


class _Nodes(Protocol):
    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]: ...


class _Tree(Protocol):
    tree_: _Nodes


class _Model(Protocol):
    classes_: NDArray[np.int64]
    estimators_: Sequence[_Tree]
    estimators_samples_: Sequence[NDArray[np.int64]]
    oob_score_: float


@dataclass(frozen=True, slots=True)
class Annotated:
    """One image with the label ids of some of its points, in the order of the points."""

    picture: Picture
    points: Points
    labels: Sequence[int]


class LearntClassifier:
    """Extremely randomised trees on the colour and texture around a point.

    `training` gives the annotated images; it is asked once, when the classifier is first used. With `accuracy`, where
    that was measured before, telling it is no use.
    """

    def __init__(
        self, training: Callable[[], Iterable[Annotated]], seed: int = 0, accuracy: float | None = None
    ) -> None:
        self._training = training
        self._seed = seed
        self._accuracy = accuracy
        self._lessons: dict[bytes, int] = {}
        """The number of each lesson, by what the classifier sees of it: two that look the same are one."""
        self._numbers = np.zeros(0, dtype=np.int64)
        """Those of the rows that it was trained on."""

    @property
    def accuracy(self) -> float:
        """The share of training points that the trees which did not see them get right."""
        if self._accuracy is None:
            self._accuracy = float(self._trained.oob_score_)
        return self._accuracy

    def __call__(self, picture: Picture, points: Points) -> list[Scores]:
        """The five best labels of each point, best first; equal scores in the order of label ids."""
        return _best(self._trained, _chances(self._trained, point_features(picture.pixels(), points)))

    def held_out(self, picture: Picture, points: Points) -> list[Scores]:
        """The same by the trees that did not learn from a point; by all of them where it is no lesson."""
        model, features = self._trained, point_features(picture.pixels(), points)
        lessons = np.array([self._lessons.get(row.tobytes(), -1) for row in features])
        sums, trees = np.zeros((len(features), len(model.classes_))), np.zeros((len(features), 1))
        for tree, rows in zip(model.estimators_, model.estimators_samples_, strict=True):
            has_learnt = np.zeros(len(self._lessons) + 1, dtype=bool)
            has_learnt[self._numbers[rows]] = True
            is_new = ~has_learnt[lessons, None]
            sums += tree.tree_.predict(features) * is_new
            trees += is_new
        return _best(model, np.where(trees > 0, sums / np.maximum(trees, 1), _chances(model, features)))

    @cached_property
    def _trained(self) -> _Model:
        """The model; raises ValueError without any annotated point."""
        features, labels = [], []
        for one in self._training():
            if len(one.points):
                features.append(point_features(one.picture.pixels(), one.points))
                labels.append(np.asarray(one.labels, dtype=np.int64))
        if not features:
            raise ValueError("a classifier needs at least one annotated point to learn from")
        from sklearn.ensemble import ExtraTreesClassifier

        is_asked = self._accuracy is None
        model = ExtraTreesClassifier(
            TREES, bootstrap=True, oob_score=is_asked, random_state=self._seed % 2**32, n_jobs=1
        )
        lessons = np.concatenate(features)
        self._numbers = np.array([self._lessons.setdefault(row.tobytes(), len(self._lessons)) for row in lessons])
        trained: _Model = model.fit(lessons, np.concatenate(labels))
        return trained


def _best(model: _Model, chances: NDArray[np.float64]) -> list[Scores]:
    best = np.argsort(-chances, axis=1, kind="stable")[:, : protocol.SCORES_PER_POINT]
    return [
        [(int(model.classes_[column]), float(chances[row, column])) for column in columns]
        for row, columns in enumerate(best)
    ]


def _chances(model: _Model, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """What `predict_proba` says, a row a point, without its checks and threads for each tree, which take most of it."""
    chances = np.zeros((len(features), len(model.classes_)))
    for tree in model.estimators_:
        chances += tree.tree_.predict(features)
    return chances / len(model.estimators_)


class DrawnClassifier:
    """Draws each point's scores from a hash of (seed, content, point): no pixels, no training, for simulations."""

    accuracy = 0.5

    def __init__(self, label_ids: Sequence[int], seed: int = 0) -> None:
        self._label_ids = tuple(label_ids)
        self._seed = seed

    def __call__(self, picture: Picture, points: Points) -> list[Scores]:
        """The five best labels of each point, best first."""
        start = zlib.crc32(str(seed_from("drawn", self._seed, picture.key)).encode())
        return [self._draw(zlib.crc32(struct.pack("<QQ", row, column), start)) for row, column in points]

    held_out = __call__

    def _draw(self, drawn: int) -> Scores:
        count = len(self._label_ids)
        shown = min(protocol.SCORES_PER_POINT, count)
        first, top = drawn % count, 0.3 + (drawn >> 16) % 1000 / 2000
        return [(self._label_ids[(first + k) % count], top / 2**k) for k in range(shown)]
