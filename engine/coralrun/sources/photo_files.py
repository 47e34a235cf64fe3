"""What a file is: a photo that the service can read, or something else, by its first bytes and by its ending.

Rule: pure. The service reads with Pillow (protocol 4), which knows neither HEIC nor the raw files of cameras. First
bytes are believed before an ending; and a raw file that begins as a TIFF does is known by its first directory.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Final

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from coralrun.sources.image_size import header_size

READABLE: Final = "JPEG, PNG, TIFF, WebP, GIF and BMP"
PHOTO: Final = "a photo"
PAGE: Final = "a web page"
OTHER: Final = "something else than a photo"

_HEIC, _AVIF, _RAW, _JPEG_XL, _VIDEO, _PDF = "HEIC", "AVIF", "a camera's raw file", "JPEG XL", "a video", "a PDF"
NOT_READ: Final = frozenset({_HEIC, _AVIF, _RAW, _JPEG_XL})
"""Kinds of photos that Pillow, as it is installed, cannot open."""
_ENDINGS: Final = {
    _HEIC: "heic heif hif",
    _AVIF: "avif",
    _RAW: "3fr arw cr2 cr3 crw dcr dng erf gpr iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f",
    _VIDEO: "3gp avi insv lrv m2ts m4v mkv mov mp4 mpeg mpg mts webm wmv",
    _PDF: "pdf",
    _JPEG_XL: "jxl",
    "SVG": "svg",
    "an archive": "7z gz rar tar zip",
    "a document": "csv doc docx json pptx txt xls xlsx xmp",
    PAGE: "htm html",
}
_BY_ENDING: Final = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_BOXES_OF_VIDEO: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIU\0", _RAW),  # Panasonic
    (b"IIRO", _RAW),  # Olympus, in three ways
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"FOVb", _RAW),  # Sigma
    (b"\0MRM", _RAW),  # Minolta
    (b"\x1a\x45\xdf\xa3", _VIDEO),  # Matroska and WebM
    (b"\0\0\x01\xba", _VIDEO),  # MPEG
    (b"%PDF-", _PDF),
    (b"\xff\x0a", _JPEG_XL),
    (b"\0\0\0\x0cJXL ", _JPEG_XL),
    (b"PK\x03\x04", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"\xff\xd8\xff", PHOTO),
    (b"\x89PNG\r\n\x1a\n", PHOTO),
    (b"\0\0\0\x0cjP  ", PHOTO),  # JPEG 2000, seldom a survey's, and read
)
_TIFF: Final = (b"II*\0", b"MM\0*")
_PACKETS: Final = ((0, 188), (4, 192))  # MPEG transport streams: where the first begins, and how long each is
_NEW_SUBFILE_TYPE, _DNG_VERSION = 254, 50706
_MARKUP: Final = re.compile(rb"<(!doctype html|html|head|body|script|title)\b", re.IGNORECASE)
_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")


def kind_by_ending(name: str) -> str:
    """What a file is called that the service cannot read; "" for a photo, and for what says nothing."""
    ending = name.rpartition(".")[2] if "." in name else ""
    return _BY_ENDING.get(ending.lower(), "")


def kind_by_content(head: bytes) -> str:
    """What a file is by its first bytes: `PHOTO`, `PAGE`, a format that the service cannot read, or `OTHER`."""
    if not head.strip(b"\0"):
        return "an empty file"
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[4:8] in _BOXES_OF_VIDEO or _is_stream(head) or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return _VIDEO
    if head[8:10] == b"CR" or head[6:14] == b"HEAPCCDR" or (head[:4] in _TIFF and _is_raw_tiff(head)):
        return _RAW
    kind = next((kind for start, kind in _STARTS if head.startswith(start)), "")
    if kind or head[:4] in _TIFF or header_size(head) is not None:
        return kind or PHOTO
    if _MARKUP.search(head[:1024]):
        return PAGE
    return "SVG" if b"<svg" in head[:1024] else "text" if _TEXT.fullmatch(head[:512]) else OTHER


def _of_brand(brand: bytes) -> str:
    if brand in _HEIC_BRANDS:
        return _HEIC
    return _AVIF if brand in (b"avif", b"avis") else _RAW if brand == b"crx " else _VIDEO


def _is_stream(head: bytes) -> bool:
    return any(head[at : at + 1] == b"G" == head[at + step : at + step + 1] for at, step in _PACKETS)


def _is_raw_tiff(head: bytes) -> bool:
    """Whether the first directory is a raw file's: a preview of something larger, or a digital negative."""
    try:
        directory, stream = ImageFileDirectory_v2(head[:8]), io.BytesIO(head)
        stream.seek(directory.next)
        directory.load(stream)
        return directory.get(_NEW_SUBFILE_TYPE) == 1 or _DNG_VERSION in directory
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, OverflowError, struct.error):
        return False
