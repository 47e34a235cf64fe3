"""A head learnt from examples: logistic regression on standardised features, its scores calibrated by Platt's scaling.

Rule: the same examples and seed give the same bytes on the same machine: everything is drawn from the seed, and one
thread computes, because sums come out otherwise in another order. Scores are calibrated on photos that the function was
not fitted to, as long as the examples allow it: points of one photo are too much alike.

The penalty is the one that was best of five on the three photos of Moorea Labeled Corals, half of each left out; it
matters little between a third and three times of it.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.head import Head
from coralrun.classifiers.inference import EXTRA
from coralrun.errors import UsageError

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV

FOLDS: Final = 5
INVERSE_PENALTY: Final = 0.01
MOST_STEPS: Final = 1_000

Vectors = NDArray[np.floating]
By = Literal["photo", "point"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, the codes of its labels in its order, and what was held back to calibrate it."""

    head: Head
    codes: tuple[str, ...]
    calibrated_by: By


def fit(vectors: Vectors, codes: NDArray[np.str_], photos: NDArray[np.int64], seed: int) -> Fitted:
    """Learn from examples: their vectors, (examples, features), labels, and the number of each one's photo.

    Raises UsageError where scikit-learn is missing, and where there are not two labels to tell apart.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise UsageError("training needs scikit-learn, which is not installed", remedy=EXTRA)
    if len(set(codes)) < 2:
        raise UsageError(
            "the examples have fewer than two labels: there is nothing to tell apart",
            remedy="Give more labelled points.",
        )
    from threadpoolctl import threadpool_limits

    splits, by = _splits(codes, photos, seed)
    with threadpool_limits(limits=1):
        fitted = calibrated(splits).fit(vectors, codes)
    return Fitted(head_of(fitted), tuple(str(code) for code in fitted.classes_), by)


def calibrated(splits: Any) -> CalibratedClassifierCV:
    """The estimator; `splits` say which examples calibrate it while it is fitted to the others."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=MOST_STEPS)
    return CalibratedClassifierCV(make_pipeline(StandardScaler(), regression), cv=splits, ensemble=False)


def head_of(fitted: CalibratedClassifierCV) -> Head:
    """The plain arrays of a fitted estimator: three linear functions, one after the other, as one.

    A feature x is standardised to (x - mean) / scale, the decision d of a label is linear in these, and its sigmoid is
    that of -(a d + b). Of two labels scikit-learn keeps the second one's decision alone.
    """
    (whole,) = fitted.calibrated_classifiers_
    scaler, regression = (step for _, step in whole.estimator.steps)
    weights = regression.coef_.astype(np.float64) / scaler.scale_
    bias = regression.intercept_.astype(np.float64) - weights @ scaler.mean_
    slope = np.array([-one.a_ for one in whole.calibrators])
    weights, bias = weights * slope[:, None], bias * slope - np.array([one.b_ for one in whole.calibrators])
    if len(bias) == 1:
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return Head(weights, bias)


def _splits(codes: NDArray[np.str_], photos: NDArray[np.int64], seed: int) -> tuple[list[Any], By]:
    """Whole photos held back, if all labels are on the others each time; else points of every label."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    folds = min(FOLDS, *Counter(codes).values())
    n_photos = len(np.unique(photos))
    if n_photos >= folds:
        by_photo = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        splits = list(by_photo.split(codes, codes, photos))
        if all(len(np.unique(codes[learnt])) == len(np.unique(codes)) for learnt, _ in splits):
            return splits, "photo"
    return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(codes, codes)), "point"
