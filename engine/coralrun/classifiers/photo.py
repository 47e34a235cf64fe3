"""A photo's bytes as numbers, or why it cannot be classified.

Rule: the photo is taken as it is stored. Its orientation is not applied, because rows and columns count stored pixels;
and what cannot be shown faithfully in 8 bits a channel is refused rather than cut to them. Its size is known before
anything is decoded, so a photo that is too large takes no memory.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from coralrun.files.stored_pixels import stored_pixels
from coralrun.planning.images import Point

Pixels = NDArray[np.uint8]

_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF")  # an MPO is opened as a JPEG
_MORE_THAN_8_BITS: Final = ("I", "F")


class PhotoFault(StrEnum):
    """Why a photo cannot be classified."""

    NOT_AN_IMAGE = "not-an-image"
    UNREADABLE = "unreadable"
    TOO_MANY_PIXELS = "too-many-pixels"
    POINT_OUTSIDE = "point-outside"


class BadPhoto(Exception):
    """A photo cannot be classified; `fault` says why. It can be sent from one process to another."""

    def __init__(self, fault: PhotoFault) -> None:
        super().__init__(fault)
        self.fault = fault


def decode(photo: bytes, most_pixels: int) -> Pixels:
    """The pixels of a photo, (3, height, width) in the order red, green, blue; raises BadPhoto."""
    try:
        with Image.open(io.BytesIO(photo), formats=_FORMATS) as image:
            if image.width * image.height > most_pixels:
                raise BadPhoto(PhotoFault.TOO_MANY_PIXELS)
            if image.mode.startswith(_MORE_THAN_8_BITS):
                raise BadPhoto(PhotoFault.UNREADABLE)
            stored = stored_pixels(image)
            return _by_channel(stored if stored.mode == "RGB" else stored.convert("RGB"))
    except UnidentifiedImageError as error:
        raise BadPhoto(PhotoFault.NOT_AN_IMAGE) from error
    except Image.DecompressionBombError as error:
        raise BadPhoto(PhotoFault.TOO_MANY_PIXELS) from error
    except (OSError, ValueError, SyntaxError, OverflowError, EOFError, LookupError, TypeError, struct.error) as error:
        raise BadPhoto(PhotoFault.UNREADABLE) from error


def _by_channel(photo: Image.Image) -> Pixels:
    """Channel by channel, which takes 5 bytes a pixel beside the photo's own 4 at most."""
    pixels = np.empty((3, photo.height, photo.width), dtype=np.uint8)
    for number, plane in enumerate(pixels):
        plane[...] = np.asarray(photo.getchannel(number))
    return pixels


def check_points(pixels: Pixels, points: Sequence[Point]) -> None:
    """Raise BadPhoto where a point is not on the photo."""
    _, height, width = pixels.shape
    if not all(0 <= point.row < height and 0 <= point.column < width for point in points):
        raise BadPhoto(PhotoFault.POINT_OUTSIDE)
