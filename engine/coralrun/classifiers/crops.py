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
from coralrun.planning.model import Point


def crops_of(pixels: Pixels, points: Sequence[Point], extractor: Extractor) -> NDArray[np.float32]:
    """The crops of points, (points, 3, side, side), scaled as the extractor asks; every point is on the photo."""
    side = extractor.crop_px
    crops = np.empty((len(points), 3, side, side), dtype=np.float32)
    for crop, point in zip(crops, points, strict=True):
        crop[...] = _square(pixels, point.row - side // 2, point.column - side // 2, side)
    crops -= _by_channel(extractor.mean)
    crops /= _by_channel(extractor.divisor)
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
