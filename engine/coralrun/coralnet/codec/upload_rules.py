"""What CoralNet refuses of photos, and what it takes that would do harm, looked at before one is sent (upload).

Rule: pure but for decoding. A photo is refused for one reason, the first. CoralNet looks at sizes only when a name is
asked for, and takes photos that are cut off, which are classified as they are: both are looked at here.
"""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from coralrun.planning.unfit import Refusal, Unfit

MOST_BYTES: Final = 30 * 1024 * 1024  # upload, observed: 31,457,280 bytes are taken in the preview
MOST_SIDE: Final = 8000  # upload, observed: pixels
MOST_LETTERS: Final = 200  # upload, observed: one more is an HTTP 500
_FORMATS: Final = ("JPEG", "PNG", "MPO")
_OPENED: Final = ("JPEG", "PNG")  # an MPO is opened as a JPEG


def same_name(name: str) -> str:
    """What the names of one photo to CoralNet have in common: each letter by itself in lower case, as its database has
    it, so that neither a ligature nor a sharp s is two letters (protocol, corrections)."""
    return "".join(letter.lower()[0] for letter in name)


def refused_name(name: str) -> Refusal | None:
    """Why a name cannot be that of a photo at CoralNet; None where it can."""
    if name != name.strip():
        said = "names that begin or end with a blank, which CoralNet takes away: rename them"
        return Refusal(Unfit.BAD_NAME, said)
    if len(name) > MOST_LETTERS:
        return Refusal(Unfit.BAD_NAME, f"names of more than {MOST_LETTERS} letters, folders and all: rename them")
    return None


def refused_size(n_bytes: int) -> Refusal | None:
    """Why a file of so many bytes is refused; None where it is not."""
    if n_bytes <= MOST_BYTES:
        return None
    return Refusal(Unfit.TOO_MANY_BYTES, f"files of more than {MOST_BYTES // 1024**2} MB: save them smaller")


def refused_content(photo: bytes) -> Refusal | None:
    """Why a photo is refused by its content; None where it is not. All of it is decoded."""
    damaged = Refusal(Unfit.DAMAGED, "photos that are damaged or cut off, which nobody can open whole: copy them anew")
    another = Refusal(Unfit.OTHER_FORMAT, "photos in another format than JPEG and PNG: save them as JPEG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(photo), formats=_OPENED) as image:
                if image.format not in _FORMATS:
                    return another
                if max(image.size) > MOST_SIDE:
                    said = f"photos of more than {MOST_SIDE} pixels in width or height: save them smaller"
                    return Refusal(Unfit.TOO_MANY_PIXELS, said)
                image.load()
    except UnidentifiedImageError:
        known = photo.startswith((b"\xff\xd8\xff", b"\x89PNG"))
        return damaged if known else another
    except Exception:  # whatever Pillow makes of bytes that come from anybody
        return damaged
    return None
