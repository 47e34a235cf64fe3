"""Crops, padding and scaling, held to pyspacer's contract, which is computed here in the plainest way."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from tests import tiny_classifier

from coralrun.classifiers.crops import cut, room_for
from coralrun.planning.images import Point


def by_contract(padded: NDArray[np.uint8], point: Point) -> NDArray[np.float32]:
    """Of a photo padded by 224: cut 224 from the padded point less 112 on, scale to 0 to 1, channels first."""
    row, column = int(point.row + 224 - 112), int(point.column + 224 - 112)
    crop = padded[row : row + 224, column : column + 224]
    return np.moveaxis(crop.astype(np.float32) / np.float32(255), 2, 0)


@pytest.mark.parametrize("shape", [(500, 700), (224, 224), (223, 300), (90, 40), (2, 3), (1, 5)])
def test_crops_are_to_the_bit_those_of_pyspacers_contract(shape: tuple[int, int]) -> None:
    height, width = shape
    photo = np.random.default_rng(height).integers(0, 256, (*shape, 3), dtype=np.uint8)
    rows, columns = (sorted({0, 1, n // 2, 112, n - 113, n - 112, n - 1}) for n in shape)
    points = [Point(row, column) for row in rows for column in columns if 0 <= row < height and 0 <= column < width]
    padded = np.pad(photo, ((224, 224), (224, 224), (0, 0)), mode="reflect")
    extractor = replace(tiny_classifier.extractor(), crop_px=224)
    found = cut(np.moveaxis(photo, 2, 0), points, extractor, room_for(len(points), extractor))
    assert found.dtype == np.float32
    for crop, point in zip(found, points, strict=True):
        assert np.array_equal(crop, by_contract(padded, point))


def test_each_channel_is_scaled_by_its_own_mean_and_divisor() -> None:
    photo = np.full((3, 40, 40), 200, dtype=np.uint8)
    extractor = replace(tiny_classifier.extractor(), mean=(200.0, 127.0, 0.0), divisor=(1.0, 128.0, 255.0))
    (crop,) = cut(photo, [Point(5, 5)], extractor, room_for(1, extractor))
    assert crop[:, 0, 0].tolist() == np.array([0, 73 / 128, 200 / 255], dtype=np.float32).tolist()
