"""Photos as they are stored, whatever their orientation says.

Rule: rows and columns count stored pixels (protocol 4). Pillow opens every format so but TIFF, which it turns by its
orientation while it decodes, and whose size it tells turned.
"""

from __future__ import annotations

from typing import Final

from PIL import Image
from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH, TiffImageFile

_ORIENTATION: Final = 274
_BACK: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored_size(image: Image.Image) -> tuple[int, int]:
    """The width and height of an open photo as it is stored; nothing is decoded."""
    if isinstance(image, TiffImageFile):
        return int(image.tag_v2[IMAGEWIDTH]), int(image.tag_v2[IMAGELENGTH])
    return image.size


def stored_pixels(image: Image.Image) -> Image.Image:
    """An open photo, decoded, as it is stored; raises what decoding does."""
    orientation = image.tag_v2.get(_ORIENTATION) if isinstance(image, TiffImageFile) else None
    image.load()
    if isinstance(image, TiffImageFile) and orientation in _BACK and _ORIENTATION not in image.tag_v2:
        return image.transpose(_BACK[orientation])  # Pillow takes the tag away when it has turned the picture
    return image
