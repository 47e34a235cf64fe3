"""Photos as they are stored, in every format and orientation."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from coralrun.files.stored_pixels import stored_pixels, stored_size

CORNERS = np.arange(4 * 3 * 3, dtype=np.uint8).reshape(3, 4, 3) * 7


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_no_orientation_turns_a_photo(kind: str, orientation: int) -> None:
    exif, packed = Image.Exif(), io.BytesIO()
    exif[274] = orientation
    Image.fromarray(CORNERS).save(packed, kind, exif=exif)
    with Image.open(packed) as image:
        assert stored_size(image) == (4, 3)
        np.testing.assert_array_equal(np.asarray(stored_pixels(image)), CORNERS)
