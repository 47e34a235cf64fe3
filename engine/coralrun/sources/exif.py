"""What a camera wrote into a photo, read from bytes that come from anybody.

Rule: Pillow takes a photo's tags apart and may raise anything over what it meets there. Whatever it raises means that
nothing is known, and no photo is worse for it. No text is kept as it came: it ends at its first zero byte, is one line,
short, and printable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from msgspec import Struct
from PIL import Image

from coralrun.planning.exif import FUTURE, NO_DAY, RESET
from coralrun.planning.images import Taken

_MAKE, _MODEL, _EXIF, _GPS = 0x010F, 0x0110, 0x8769, 0x8825
_ORIGINAL, _DIGITISED = 0x9003, 0x9004  # not DateTime, which programs change that a photo was edited with
_LATITUDE, _LONGITUDE = (1, 2), (3, 4)
_TEXT_CHARS: Final = 60
_WRITTEN: Final = re.compile(r"([0-9]{4})[:/.-]([0-9]{2})[:/.-]([0-9]{2})(?![0-9]).*")
_FIRST_YEAR: Final = 1995  # EXIF is of that year, and so are the first cameras
_RESET_DAYS: Final = ((1, 1), (1, 2))
_NOWHERE_DEGREES: Final = 0.001


class Exif(Struct, frozen=True, array_like=True):
    """What a photo's EXIF says, "" and None for nothing: the date as it stands there, degrees north and east, which may
    be of no place on Earth, and the camera."""

    written: str = ""
    latitude: float | None = None
    longitude: float | None = None
    camera: str = ""


def read_exif(image: Image.Image) -> Exif | None:
    """What the EXIF of an open photo says; None where it has none, or none that can be read."""
    if image.format == "PNG" and "exif" not in image.info:
        return None  # Pillow would decode all of it to look behind the picture
    try:
        tags = image.getexif()
        found = Exif(_date(tags.get_ifd(_EXIF)), *_place(tags.get_ifd(_GPS)), _camera(tags))
    except Exception:  # see the rule
        return None
    return None if found == Exif() else found


def taken_of(exif: Exif | None, today: date) -> Taken | None:
    """The same, with why its date is not believed, as far as that shows of one photo."""
    if exif is None:
        return None
    day, doubt = _day(exif.written, today)
    latitude, longitude, is_nowhere = "", "", False
    if exif.latitude is not None and exif.longitude is not None:
        is_nowhere = not _is_place(exif.latitude, exif.longitude)
        if not is_nowhere:
            latitude, longitude = f"{exif.latitude:.6f}", f"{exif.longitude:.6f}"
    return Taken(day, exif.written, doubt, latitude, longitude, exif.camera, is_nowhere)


def _day(written: str, today: date) -> tuple[date | None, str]:
    if not written:
        return None, ""
    match = _WRITTEN.fullmatch(written)
    try:
        day = None if match is None else date(*map(int, match.groups()))
    except ValueError:
        day = None
    if day is None:
        return None, NO_DAY
    if day.year < _FIRST_YEAR or (day.month, day.day) in _RESET_DAYS:
        return day, RESET
    return day, FUTURE if day > today + timedelta(days=1) else ""  # a day, for the camera may be east of here


def _is_place(latitude: float, longitude: float) -> bool:
    is_zero = max(abs(latitude), abs(longitude)) < _NOWHERE_DEGREES
    return abs(latitude) <= 90 and abs(longitude) <= 180 and not is_zero


def _date(tags: Mapping[int, Any]) -> str:
    return _text(tags.get(_ORIGINAL)) or _text(tags.get(_DIGITISED))


def _place(tags: Mapping[int, Any]) -> tuple[float | None, float | None]:
    latitude, longitude = _degrees(tags, *_LATITUDE, "S"), _degrees(tags, *_LONGITUDE, "W")
    return (None, None) if latitude is None or longitude is None else (latitude, longitude)


def _degrees(tags: Mapping[int, Any], side: int, place: int, negative: str) -> float | None:
    """Degrees from degrees, minutes and seconds; None where one of them is no number."""
    parts = tags.get(place)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    degrees, minutes, seconds = map(float, parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        return None
    return -found if _text(tags.get(side)).upper() == negative else found


def _camera(tags: Mapping[int, Any]) -> str:
    """Maker and model; most models begin with the maker's name."""
    make, model = _text(tags.get(_MAKE)), _text(tags.get(_MODEL))
    first = make.split()[0].casefold() if make else ""
    return model if first and model.casefold().startswith(first) else f"{make} {model}".strip()


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    printable = "".join(char if char.isprintable() else " " for char in value.partition("\0")[0][: 4 * _TEXT_CHARS])
    return " ".join(printable.split())[:_TEXT_CHARS].strip()
