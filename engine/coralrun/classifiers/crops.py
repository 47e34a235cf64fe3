"""The squares around points, as an extractor is given them.

Rule: pyspacer's contract, to the bit: the square of `side` pixels from row - side / 2 and column - side / 2 on, at the
photo's own resolution, of the photo reflected beyond its edges. No padded copy is made: the reflection of a row is
another row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.model_file import Extractor
from coralrun.classifiers.photo import Pixels
from coralrun.planning.images import Point

Crops = NDArray[np.float32]


def room_for(points: int, extractor: Extractor) -> Crops:
    """An array for the crops of so many points, (points, 3, side, side)."""
    return np.empty((points, 3, extractor.crop_px, extractor.crop_px), dtype=np.float32)


def cut(pixels: Pixels, points: Sequence[Point], extractor: Extractor, into: Crops) -> Crops:
    """The crops of points, scaled as the extractor asks, in the first of the places that there are `into`.

    Every point is on the photo.
    """
    side = extractor.crop_px
    crops = into[: len(points)]
    mean, divisor = _by_channel(extractor.mean), _by_channel(extractor.divisor)
    for crop, point in zip(crops, points, strict=True):  # one at a time stays in the processor's cache
        crop[...] = _square(pixels, point.row - side // 2, point.column - side // 2, side)
        crop -= mean
        crop /= divisor
    return crops


def _square(pixels: Pixels, top: int, left: int, side: int) -> Pixels:
    _, height, width = pixels.shape
    if 0 <= top <= height - side and 0 <= left <= width - side:
        return pixels[:, top : top + side, left : left + side]
    rows, columns = _reflected(top, side, height), _reflected(left, side, width)
    return pixels[:, rows[:, None], columns]


def _reflected(first: int, side: int, length: int) -> NDArray[np.intp]:
    """The places in 0 to length - 1 that stand for `side` places from `first` on; the edge itself is not repeated."""
    if length == 1:
        return np.zeros(side, dtype=np.intp)
    period = 2 * (length - 1)
    places = np.arange(first, first + side) % period
    return np.minimum(places, period - places)


def _by_channel(values: Sequence[float]) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32).reshape(3, 1, 1)
