"""The head of a classifier: from the vector of a point to a probability for each label, in plain arrays.

Rule: a linear function and a sigmoid for each label, then the sum is made 1. Standardised features, logistic regression
and Platt's scaling (Platt 1999) are each linear before the one sigmoid, so they are stored as one: `weights`, a row for
each label, and `bias`. head.npz is read by its shapes, known before, and never as a pickle.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from scipy.special import expit

SCORE_PARTS: Final = 10_000
"""Scores are whole ten thousandths: a difference between two processors in the last digits of a number is gone."""

Scores = NDArray[np.uint16]
_STORED: Final = np.dtype("<f8")
_MOST_HEADER_BYTES: Final = 1024  # numpy writes 128 for so few dimensions


class NotAHead(Exception):
    """Bytes that are no head of these labels and features; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """`weights` has a row for each label and a column for each feature, `bias` a number for each label."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def probabilities(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """The probability of each label, (points, labels), of vectors (points, features); each row has the sum 1."""
        found: NDArray[np.float64] = expit(features.astype(np.float64, copy=False) @ self.weights.T + self.bias)
        total = found.sum(axis=1, keepdims=True)
        shares = np.full_like(found, 1 / len(self.bias))  # as scikit-learn's, where every sigmoid is 0
        np.divide(found, total, out=shares, where=total > 0)
        return shares

    def scores(self, features: NDArray[np.floating]) -> Scores:
        """The probabilities in ten thousandths, rounded."""
        return np.rint(self.probabilities(features) * SCORE_PARTS).astype(np.uint16)


def encode(head: Head) -> bytes:
    """The bytes of head.npz; the same head gives the same bytes, for an archive's times are not kept."""
    stream = io.BytesIO()
    np.savez(stream, weights=np.ascontiguousarray(head.weights, _STORED), bias=head.bias.astype(_STORED))
    return stream.getvalue()


def decode(data: bytes, labels: int, features: int) -> Head:
    """Read head.npz for so many labels and features; raises NotAHead."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            head = Head(_array(packed, "weights", (labels, features)), _array(packed, "bias", (labels,)))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise NotAHead(f"it is not an archive with the arrays `weights` and `bias` ({type(error).__name__})") from error
    if not (np.isfinite(head.weights).all() and np.isfinite(head.bias).all()):
        raise NotAHead("it has numbers that are not finite")
    return head


def _array(packed: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """One array of the expected shape and kind: no more than it takes is unpacked, whatever the file says of itself."""
    most_bytes = math.prod(shape) * _STORED.itemsize + _MOST_HEADER_BYTES
    info = packed.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise NotAHead(f"`{name}` is compressed")
    with packed.open(info) as member:
        content = io.BytesIO(member.read(most_bytes + 1))
    if npy.read_magic(content) != (1, 0):
        raise NotAHead(f"`{name}` is of an unknown version")
    found, by_columns, dtype = npy.read_array_header_1_0(content)
    if found != shape or by_columns or dtype != _STORED:
        raise NotAHead(f"`{name}` has the shape {found} of {dtype}, and {shape} of {_STORED} is needed")
    numbers = np.frombuffer(content.read(), dtype=_STORED)
    if numbers.size != math.prod(shape):
        raise NotAHead(f"`{name}` has {numbers.size:,} numbers instead of {math.prod(shape):,}")
    return numbers.reshape(shape)
