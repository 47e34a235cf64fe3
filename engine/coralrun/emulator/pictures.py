"""From stored bytes to a picture that can be classified, reading as the real server reads.

Rule: orientation tags are never applied, an alpha channel is dropped, a truncated JPEG is accepted. Only the header is
read until someone asks for pixels. Pillow has switches for what is accepted, but each is of the whole process, in which
other threads read photos by other rules; so none is touched here.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from PIL import Image, ImageFile

from coralrun.emulator.site import Picture, Pixels

_END_OF_JPEG = b"\xff\xd9"

warnings.filterwarnings("ignore", module=r"PIL\.")  # of tags that are cut off: the real server keeps them to itself


class NotAnImage(Exception):
    """The bytes are no image; the message is the text that the real server reports."""


def decode(content: bytes) -> Pixels:
    """All pixels of an encoded image, as height x width x 3 uint8; raises `NotAnImage` for damage beyond repair."""
    try:
        with _opened(content + _END_OF_JPEG) as image:  # a whole JPEG has its own, and nobody reads behind it
            with suppress(OSError):  # what came before the damage is in the picture
                image.load()
            image.tile = []
            return np.asarray(image.convert("RGB"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise NotAnImage(f"{type(error).__name__}: {error}") from error


def size_of(content: bytes) -> tuple[int, int]:
    """(width, height) in raw stored pixels, from the header; raises `NotAnImage`."""
    try:
        with _opened(content) as image:
            return image.size
    except (SyntaxError, ValueError) as error:
        address = hashlib.sha256(content).hexdigest()[:10]
        raise NotAnImage(
            f"PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f{address}>"
        ) from error


def _opened(content: bytes) -> ImageFile.ImageFile:
    """What `Image.open` opens, of any size: its limit is a switch, and the real server has one of its own."""
    for load_formats in (Image.preinit, Image.init):
        load_formats()
        for name in Image.ID:
            factory, accepts = Image.OPEN[name]
            with suppress(SyntaxError, IndexError, TypeError, struct.error):
                if accepts is None or accepts(content[:16]) is True:
                    return factory(io.BytesIO(content), "")
    raise ValueError("none of the formats that Pillow knows")


def picture_of(content: bytes) -> Picture:
    """The picture in some bytes; raises `NotAnImage`."""
    width, height = size_of(content)
    return Picture(hashlib.sha256(content).hexdigest(), width, height, lambda: decode(content))


def stored_picture(key: str, width: int, height: int, load: Callable[[], bytes]) -> Picture:
    """A picture of known size whose bytes are loaded only when its pixels are asked for."""
    return Picture(key, width, height, lambda: decode(load()))
