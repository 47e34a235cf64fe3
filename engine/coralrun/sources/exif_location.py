"""A photo without the place where it was taken: coordinates of EXIF and XMP are taken out, and no pixel changes.

Rule: nothing is encoded anew. What tells a place is overwritten where it stands, with as many bytes, so that all else
in the file stays where it is: what refers to a part of the file by its place (a maker's notes, the second picture of an
MPO) goes on being right. Only a PNG's texts, which nothing refers to, are left out.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

_GPS: Final = 0x8825
_EXIF: Final = b"Exif\0\0"
_XMP: Final = re.compile(rb'(<(\w+:GPS\w+)[^>]*>)([^<]*)(?=</\2>)|(\b\w+:GPS\w+\s*=\s*)("[^"]*"|\'[^\']*\')')
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEX_EXIF: Final = re.compile(rb"Raw profile type (exif|APP1|xmp)\0", re.IGNORECASE)
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def without_location(photo: bytes) -> bytes:
    """A JPEG, MPO or PNG without coordinates; the same bytes where it has none."""
    if photo.startswith(_PNG):
        return b"".join([_PNG, *_chunks(photo)])
    data = bytearray(photo)
    for begin, end in _segments(photo):
        if photo.startswith(_EXIF, begin):
            _blank_gps(data, begin + len(_EXIF), end)
        else:
            data[begin:end] = _without_xmp(photo[begin:end])
    return bytes(data)


def _segments(photo: bytes) -> Iterator[tuple[int, int]]:
    """Where the contents of the APP1 segments are, of every picture in the file.

    Such a mark cannot stand in a picture's own bytes: there each 0xFF is followed by 0 or by a restart mark.
    """
    at = photo.find(b"\xff\xe1")
    while 0 <= at <= len(photo) - 4:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
        is_whole = end <= len(photo)
        if is_whole and (photo.startswith(_EXIF, at + 4) or photo.startswith(b"http://ns.adobe.com/", at + 4)):
            yield at + 4, end
            at = photo.find(b"\xff\xe1", end)
        else:
            at = photo.find(b"\xff\xe1", at + 2)


def _blank_gps(data: bytearray, begin: int, end: int) -> None:
    """Empty the directory of coordinates of a TIFF that lies within `begin` and `end`, and zero what it refers to."""
    tiff = memoryview(data)[begin:end]
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]), "")
    if not order:
        return
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(first + 2, first + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHII", tiff, entry)
            if tag == _GPS:
                _blank_directory(tiff, order, value)
    except struct.error:
        return  # nothing that can be read is there


def _blank_directory(tiff: memoryview, order: str, at: int) -> None:
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        _, kind, values, offset = struct.unpack_from(f"{order}HHII", tiff, entry)
        length = _SIZES.get(kind, 0) * values
        if length > 4 and offset + length <= len(tiff):
            tiff[offset : offset + length] = bytes(length)
    end = min(at + 2 + 12 * count, len(tiff))
    tiff[at:end] = bytes(end - at)


def _without_xmp(text: bytes) -> bytes:
    def blank(match: re.Match[bytes]) -> bytes:
        if match[1] is not None:
            return match[1] + b" " * len(match[3])
        return match[4] + match[5][:1] + b" " * (len(match[5]) - 2) + match[5][-1:]

    return _XMP.sub(blank, text)


def _chunks(photo: bytes) -> Iterator[bytes]:
    """The parts of a PNG; what follows its end stays as it is."""
    at = len(_PNG)
    while at + 12 <= len(photo):
        length = int.from_bytes(photo[at : at + 4], "big")
        end = at + 12 + length
        kind, content, whole = photo[at + 4 : at + 8], photo[at + 8 : end - 4], photo[at:end]
        at = end
        if kind == b"eXIf":
            data = bytearray(content)
            _blank_gps(data, 0, len(data))
            yield _chunk(kind, bytes(data)) if data != content else whole
        elif kind == b"iTXt" and content.startswith(b"XML:com.adobe.xmp\0\0"):
            blanked = _without_xmp(content)
            yield _chunk(kind, blanked) if blanked != content else whole
        elif not (kind in (b"tEXt", b"zTXt", b"iTXt") and _may_hide(content)):
            yield whole
        if kind == b"IEND":
            break
    yield photo[at:]


def _may_hide(content: bytes) -> bool:
    """Whether a text is EXIF or XMP in a form in which nothing can be overwritten: compressed, or in digits."""
    return _HEX_EXIF.match(content) is not None or content.startswith(b"XML:com.adobe.xmp\0\1")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return len(content).to_bytes(4, "big") + kind + content + checksum.to_bytes(4, "big")
