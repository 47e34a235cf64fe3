"""From stored bytes to a picture that can be classified, reading as the real server reads.

Rule: orientation tags are never applied, an alpha channel is dropped, a truncated JPEG is accepted. Only the header is
read until someone asks for pixels.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from coralrun.emulator.site import Picture, Pixels


class NotAnImage(Exception):
    """The bytes are no image; the message is the text that the real server reports."""


@contextmanager
def _lenient() -> Iterator[None]:
    """Let Pillow read what the real server reads: truncated files, and sizes that are refused only later."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = True, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before


def decode(content: bytes) -> Pixels:
    """All pixels of an encoded image, as height x width x 3 uint8; raises `NotAnImage` for damage beyond repair."""
    try:
        with _lenient(), Image.open(io.BytesIO(content)) as image:
            return np.asarray(image.convert("RGB"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise NotAnImage(f"{type(error).__name__}: {error}") from error


def size_of(content: bytes) -> tuple[int, int]:
    """(width, height) in raw stored pixels, from the header; raises `NotAnImage`."""
    try:
        with _lenient(), Image.open(io.BytesIO(content)) as image:
            return image.size
    except (UnidentifiedImageError, SyntaxError, ValueError) as error:
        address = hashlib.sha256(content).hexdigest()[:10]
        raise NotAnImage(
            f"PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f{address}>"
        ) from error


def picture_of(content: bytes) -> Picture:
    """The picture in some bytes; raises `NotAnImage`."""
    width, height = size_of(content)
    return Picture(hashlib.sha256(content).hexdigest(), width, height, lambda: decode(content))


def stored_picture(key: str, width: int, height: int, load: Callable[[], bytes]) -> Picture:
    """A picture of known size whose bytes are loaded only when its pixels are asked for."""
    return Picture(key, width, height, lambda: decode(load()))
