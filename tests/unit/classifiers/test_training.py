"""A head that is learnt: scikit-learn's probabilities, and the same bytes again."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from coralrun.classifiers import head
from coralrun.classifiers.training import calibrated, fit, head_of
from coralrun.errors import UsageError

Drawn = tuple[NDArray[np.float64], NDArray[np.str_], NDArray[np.int64]]


def drawn(labels: int, points: int = 200, photos: int = 10) -> Drawn:
    """Points of some labels around centres of their own, of features that differ in scale, one of them constant."""
    chance = np.random.default_rng(labels)
    which = np.arange(points) % labels
    vectors = chance.normal(size=(labels, 12))[which] + chance.normal(size=(points, 12))
    vectors = vectors * np.geomspace(0.01, 100, 12) + 3
    vectors[:, 5] = 1
    return vectors, np.array([f"label {number}" for number in which]), chance.integers(0, photos, points)


@pytest.mark.parametrize("labels", [2, 3, 7])
def test_a_heads_probabilities_are_those_of_scikit_learn(labels: int) -> None:
    vectors, codes, _ = drawn(labels)
    fitted = calibrated(4).fit(vectors, codes)
    found = head_of(fitted).probabilities(vectors)
    assert np.abs(found - fitted.predict_proba(vectors)).max() < 1e-9
    assert np.allclose(found.sum(axis=1), 1)


def test_where_every_sigmoid_is_0_all_labels_are_alike_as_in_scikit_learn() -> None:
    none = head.Head(np.full((4, 1), -1e6), np.zeros(4))
    assert none.probabilities(np.ones((1, 1))).tolist() == [[0.25] * 4]


def test_the_same_examples_and_seed_give_the_same_bytes_and_another_seed_others() -> None:
    vectors, codes, photos = drawn(3, photos=1)
    first, again, other = (head.encode(fit(vectors, codes, photos, seed).head) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_whole_photos_calibrate_unless_a_label_is_on_too_few_of_them() -> None:
    vectors, codes, photos = drawn(3)
    found = fit(vectors, codes, photos, 0)
    assert (found.codes, found.calibrated_by) == (("label 0", "label 1", "label 2"), "photo")
    on_one = np.where(codes == "label 2", 0, photos)
    assert fit(vectors, codes, on_one, 0).calibrated_by == "point"
    assert fit(vectors, codes, np.zeros_like(photos), 0).calibrated_by == "point"


def test_one_label_alone_is_nothing_to_learn() -> None:
    vectors, codes, photos = drawn(1)
    with pytest.raises(UsageError, match="fewer than two labels"):
        fit(vectors, codes, photos, 0)
