"""The photos of a unit as the second stage of a sample, where they are samples of its parts."""

from __future__ import annotations

import numpy as np
import pytest

from coralrun.estimates.two_stages import between_photos, between_photos_of_parts

RESIDUALS = np.array([[0.1], [-0.05], [0.02], [-0.07]])
ROW = np.zeros(4, np.int64)


def test_photos_of_one_part_vary_as_those_of_their_unit() -> None:
    photos, variance = between_photos_of_parts(RESIDUALS, ROW, ROW, 1)
    expected_photos, expected = between_photos(RESIDUALS, ROW, 1)
    assert (photos[0], variance[0, 0]) == (expected_photos[0], pytest.approx(expected[0, 0]))


def test_photos_of_two_parts_vary_about_the_middle_of_their_own() -> None:
    photos, variance = between_photos_of_parts(RESIDUALS, ROW, np.array([0, 0, 1, 1]), 1)
    assert variance[0, 0] == pytest.approx(2 * (2 * 0.075**2 + 2 * 0.045**2))
    assert photos[0] == 3, "two degrees of freedom"


def test_a_photo_alone_of_its_part_varies_about_its_unit() -> None:
    photos, variance = between_photos_of_parts(RESIDUALS, ROW, np.array([0, 0, 0, 1]), 1)
    assert variance[0, 0] == pytest.approx(3 / 2 * ((RESIDUALS[:3] - RESIDUALS[:3].mean()) ** 2).sum() + 0.07**2)
    assert photos[0] == 3
