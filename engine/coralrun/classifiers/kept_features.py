"""Vectors of photos, kept in the user's cache: a classifier that is trained again computes none of them anew.

Rule: they are known by the photo's digest, the extractor, its crops and the points; of anything else nothing is
believed. A file that is not as long as its vectors is computed again. They are kept in 16 bits, 0.5 MB for 200 points
of 1,280, and whoever learns from them learns from what is kept, whether it was there or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.inference import Features
from coralrun.classifiers.model_file import Extractor
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.planning.model import Point
from coralrun.store.files import Disk
from coralrun.values.ids import digest_of, sha256_hex

Kept = NDArray[np.float16]
_STORED = np.dtype("<f2")


class KeptFeatures:
    """An extractor, and the folder that its vectors are kept in."""

    def __init__(self, extractor: Extractor, features: Features, cache: Path) -> None:
        self._extractor = extractor
        self._features = features
        self._cache = cache
        self._disk = Disk()
        self._disk.make_directory(cache)

    def of(self, photo: bytes, points: Sequence[Point]) -> Kept:
        """The vectors of points on a photo, (points, features); raises BadPhoto."""
        shape = len(points), self._extractor.features
        path = self._cache / f"{self._key(photo, points)}.f2"
        try:
            data = read_given(path)
        except OSError:
            data = b""
        if len(data) != shape[0] * shape[1] * _STORED.itemsize:
            data = self._computed(photo, points)
            self._disk.note(path, data)
        return np.frombuffer(data, dtype=_STORED).reshape(shape)

    def _computed(self, photo: bytes, points: Sequence[Point]) -> bytes:
        with np.errstate(over="ignore"):
            vectors = self._features.of(photo, points).astype(_STORED)
        if not np.isfinite(vectors).all():
            raise UsageError(f"the extractor {self._extractor.name} gives numbers too large for 16 bits")
        return vectors.tobytes()

    def _key(self, photo: bytes, points: Sequence[Point]) -> str:
        return digest_of([sha256_hex(photo), msgspec.to_builtins(self._extractor), [list(point) for point in points]])
