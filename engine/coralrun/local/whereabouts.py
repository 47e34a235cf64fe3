"""Where the photo of an entry is now, and whether a worker can hold it; or why it is nowhere.

Rule: what was signed is not believed for longer than it said. A folder that is away, as on a drive that was unplugged,
is no fault of its photos, which are tried again.
"""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Final

from coralrun.files.given import read_given
from coralrun.limits import MAX_PHOTO_BYTES
from coralrun.local.spool import Asked
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size
from coralrun.ports import Home, Place
from coralrun.values.signatures import has_ended

PIXEL_BYTES: Final = 13
"""What a photo takes of a worker's memory: decoded (4 bytes a pixel), turned into red, green and blue (3), as numbers
(3), and those by channel (3)."""


def place_of(asked: Asked, known: Place | None, home: Home, now_s: float, *, is_sent: bool) -> Place | Reason:
    """Where a photo is, by what is `known` or by what its home says; with `is_sent` a file itself."""
    place = known
    if place is None or (isinstance(place, str) and has_ended(place, now_s)):
        located = home.locate(asked.unit)
        if isinstance(located, Unusable):
            return located.reason
        if isinstance(located, Trouble):
            return Reason.HOST_UNREACHABLE
        place = located.place
    return _read(Path(place), asked.unit, home) if is_sent and isinstance(place, PurePath) else place


def is_too_large(size: Size | None, most_bytes: int | None) -> bool:
    """Whether a photo takes more memory than a worker has for it, as far as both are known."""
    return size is not None and most_bytes is not None and size.width * size.height * PIXEL_BYTES > most_bytes


def _read(path: Path, unit: int, home: Home) -> bytes | Reason:
    """A photo that is sent, or why it cannot be; its folder may have gone away since the photo was located."""
    try:
        return read_given(path, MAX_PHOTO_BYTES)
    except OSError as error:
        is_gone = isinstance(error, FileNotFoundError | NotADirectoryError)
    located = home.locate(unit)
    if isinstance(located, Unusable):
        return located.reason
    return Reason.HOST_UNREACHABLE if is_gone or isinstance(located, Trouble) else Reason.UNREADABLE
