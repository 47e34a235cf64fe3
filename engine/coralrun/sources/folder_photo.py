"""What one file of a folder is, from one look at its bytes: a photo or not, its digest, its raw size.

Rule: the bytes come from anybody. They are read in parts, never decoded, and whatever Pillow makes of them is an
answer and no error. The size is that of the stored pixels: no orientation is applied.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct
from PIL import Image, UnidentifiedImageError

from coralrun.files.given import open_given
from coralrun.files.stored_pixels import stored_size
from coralrun.planning.unfit import Unfit
from coralrun.sources.exif import Exif, read_exif
from coralrun.sources.photo_files import NOT_READ, PHOTO, kind_by_content, kind_by_ending

FOLDER_FORMATS: Final = "JPEG, PNG, MPO, TIFF or WebP"
_ENDINGS: Final = (".jpg", ".jpeg", ".jpe", ".mpo", ".png", ".tif", ".tiff", ".webp")
_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP")  # an MPO is opened as a JPEG
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
_PART_BYTES: Final = 1024 * 1024
_HEAD_BYTES: Final = 64 * 1024
_ANOTHER_FORMAT: Final = "a picture in another format"
PHOTOS_NOT_READ: Final = NOT_READ | {_ANOTHER_FORMAT}
UNREADABLE: Final = "a file that cannot be opened"


class Seen(Struct, frozen=True, array_like=True):
    """What a file of so many bytes, last changed then, is: `kind` is `PHOTO`, or what else in words.

    `sha256` is "" of what was not read, `width` and `height` are 0 where no size shows. With `is_cut` the end of
    the file is missing.
    """

    bytes: int
    changed_ns: int
    kind: str
    sha256: str = ""
    width: int = 0
    height: int = 0
    is_cut: bool = False
    exif: Exif | None = None

    @property
    def is_photo(self) -> bool:
        """Whether its content is that of a photo that is read, or was."""
        return self.kind == PHOTO

    @property
    def unfit(self) -> Unfit | None:
        """Why it cannot be taken, where somebody takes it for a photo."""
        if self.kind in PHOTOS_NOT_READ:
            return Unfit.OTHER_FORMAT
        if self.kind == UNREADABLE:
            return Unfit.CLOSED
        if self.is_photo:
            return None if self.width else Unfit.DAMAGED
        return Unfit.NOT_AN_IMAGE if self.bytes else Unfit.EMPTY


def is_called_photo(name: str) -> bool:
    """Whether a file has the ending of a photo, in any case, read or not."""
    return name.lower().endswith(_ENDINGS) or kind_by_ending(name) in PHOTOS_NOT_READ


def see(path: Path, n_bytes: int, changed_ns: int) -> Seen:
    """Look at a file: at all of it if it is a photo, or called one. Raises OSError where it cannot be read."""
    with open_given(path) as file:
        head = file.read(_PART_BYTES)
        kind = _kind(head)
        if kind != PHOTO and kind not in PHOTOS_NOT_READ and not is_called_photo(path.name):
            return Seen(n_bytes, changed_ns, kind)
        (width, height), exif = _header(file) if kind == PHOTO else ((0, 0), None)
        file.seek(0)
        sha256, is_cut = _read_through(file, head)
        return Seen(n_bytes, changed_ns, kind, sha256, width, height, is_cut and width > 0, exif)


def raw_size(path: Path) -> tuple[int, int]:
    """The size of a photo as it is stored, zeros where its header shows none; raises OSError as `see`."""
    with open_given(path) as file:
        return _header(file)[0]


def _kind(head: bytes) -> str:
    kind = kind_by_content(head[:_HEAD_BYTES])
    is_read = head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
    return _ANOTHER_FORMAT if kind == PHOTO and not is_read else kind


def _header(file: BinaryIO) -> tuple[tuple[int, int], Exif | None]:
    """The raw size, zeros where none shows, and the EXIF. Only the header is parsed, so no size takes memory."""
    file.seek(0)
    try:
        with Image.open(file, formats=_FORMATS) as image:
            size = stored_size(image)
            return (size, read_exif(image)) if min(size) > 0 else ((0, 0), None)
    except (
        Image.DecompressionBombError,
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        OverflowError,
        EOFError,
        LookupError,
        TypeError,
        struct.error,
    ):
        return (0, 0), None


def _read_through(file: BinaryIO, head: bytes) -> tuple[str, bool]:
    """The SHA-256 of a file, and whether the mark that ends such a photo is missing."""
    begins, mark = _end_mark(head)
    digest, at, before, missing = hashlib.sha256(), 0, b"", mark != b""
    while part := file.read(_PART_BYTES):
        digest.update(part)
        if missing:
            joined = before + part
            missing = joined.find(mark, max(0, begins - at + len(before))) < 0
            before = part[-(len(mark) - 1) :]
        at += len(part)
    return digest.hexdigest(), missing


def _end_mark(head: bytes) -> tuple[int, bytes]:
    """What marks the end of a photo, and from where on; b"" where nothing does. A thumbnail before has its own."""
    if head.startswith(b"\x89PNG"):
        return 8, b"IEND"
    if not head.startswith(b"\xff\xd8"):
        return 0, b""
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xDA:  # the picture itself begins, in which the two bytes of the mark cannot stand
            return at, b"\xff\xd9"
        at += 1 if marker == 0xFF else 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return (at, b"\xff\xd9") if len(head) < min(at + 4, _PART_BYTES) else (0, b"")
