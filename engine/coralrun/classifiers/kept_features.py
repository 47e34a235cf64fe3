"""Vectors of photos, kept in the user's cache: a classifier that is trained again computes none of them anew.

Rule: they are known by the photo's digest, the extractor, its crops and the points; of anything else nothing is
believed. What is not as it was written is computed again. They are kept in 16 bits, 0.5 MB for 200 points of 1,280, and
whoever learns from them learns from what is kept, whether it was there or not.
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
from coralrun.limits import MAX_CACHED_VECTORS_BYTES
from coralrun.planning.images import Point
from coralrun.store.cache import CacheFolder
from coralrun.values.ids import digest_of, sha256_hex

Kept = NDArray[np.float16]
_STORED = np.dtype("<f2")


class KeptFeatures:
    """An extractor, and the folder that its vectors are kept in."""

    def __init__(self, extractor: Extractor, features: Features, cache: Path) -> None:
        self._extractor = extractor
        self._features = features
        self._cache = CacheFolder(cache, MAX_CACHED_VECTORS_BYTES)

    def of(self, photo: bytes, points: Sequence[Point]) -> Kept:
        """The vectors of points on a photo, (points, features); raises BadPhoto."""
        shape = len(points), self._extractor.features
        name = f"{self._key(photo, points)}.f2"
        data = self._cache.get(name)
        if data is None:
            data = self._computed(photo, points)
            self._cache.keep(name, data)
        return np.frombuffer(data, dtype=_STORED).reshape(shape)

    def trim(self) -> None:
        """Let the folder have no more than it may: what was used longest ago goes."""
        self._cache.trim()

    def _computed(self, photo: bytes, points: Sequence[Point]) -> bytes:
        with np.errstate(over="ignore"):
            vectors = self._features.of(photo, points).astype(_STORED)
        if not np.isfinite(vectors).all():
            raise UsageError(f"the extractor {self._extractor.name} gives numbers too large for 16 bits")
        return vectors.tobytes()

    def _key(self, photo: bytes, points: Sequence[Point]) -> str:
        return digest_of([sha256_hex(photo), msgspec.to_builtins(self._extractor), [list(point) for point in points]])
