"""What a photo tells of people and places beside its picture, and what would be sent of it.

Rule: the bytes come from anybody: whatever Pillow makes of them is an answer and no error. The file is read once.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from coralrun import limits
from coralrun.files.given import read_given
from coralrun.planning.unfit import Refusal, Unfit
from coralrun.sources.photo_tells import kinds_of, without_told
from coralrun.sources.told import Kind

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_PEOPLE: Final = frozenset({0x013B, 0x8298, 0x9C9D, 0xA430})  # Artist, Copyright, XPAuthor, CameraOwnerName
_NUMBERS: Final = frozenset({0xA431, 0xA435})  # BodySerialNumber, LensSerialNumber
_STAYS: Final = Refusal(
    Unfit.NOT_STRIPPED,
    "photos of which not all can be taken out that tells of a place, a person or a camera: choose `exif: keep`",
)
_CLOSED: Final = Refusal(Unfit.CLOSED, "files that could not be opened: let yourself read them")


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a photo tells beside its picture: of a place, a person, a camera or a lens."""

    location: bool = False
    person: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class ToSend:
    """A photo that may be sent: the digest and the number of the bytes that are, and what its file tells."""

    sha256: str
    n_bytes: int
    disclosed: Disclosed


def look(
    path: Path,
    refused_size: Callable[[int], Refusal | None],
    refused_content: Callable[[bytes], Refusal | None],
    strip: bool,
) -> ToSend | Refusal:
    """Look at a photo as it would be sent, without what it tells where `strip` says so; why not where it is refused."""
    try:
        refused = refused_size(path.stat().st_size)
        if refused is not None:
            return refused
        photo = read_given(path, limits.MAX_PHOTO_BYTES)
    except OSError:
        return _CLOSED
    refused = refused_content(photo)
    if refused is not None:
        return refused
    disclosed = disclosed_by(photo)
    if strip:
        photo = without_told(photo)
        if disclosed_by(photo) != Disclosed():
            return _STAYS
    return ToSend(hashlib.sha256(photo).hexdigest(), len(photo), disclosed)


def disclosed_by(photo: bytes) -> Disclosed:
    """What a photo tells by our own look, and by Pillow's, which has eyes of its own for tags."""
    kinds = kinds_of(photo)
    location, person, number = (kind in kinds for kind in (Kind.PLACE, Kind.PERSON, Kind.NUMBER))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(photo), formats=("JPEG", "PNG")) as image:
                tags = image.getexif()
                told = {tag for tag, value in (*tags.items(), *tags.get_ifd(_EXIF_IFD).items()) if _says(value)}
                located = bool(tags.get_ifd(_GPS_IFD).keys() - {0})
    except Exception:  # see the rule
        return Disclosed(location, person, number)
    return Disclosed(location or located, person or bool(told & _PEOPLE), number or bool(told & _NUMBERS))


def _says(value: object) -> bool:
    """Whether a value is more than blanks."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return bool(value.strip("\0 ") if isinstance(value, str) else value)
