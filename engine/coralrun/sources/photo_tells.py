"""What a JPEG, an MPO or a PNG tells of places, people and cameras beside its picture, and the same photo without it.

Rule: what is found is what is taken out, by the same look (`told`). No pixel changes, and no byte moves: a part is
overwritten where it stands, so that what refers to another part of the file by its place goes on being right. Only a
PNG's texts, which nothing refers to, are left out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from coralrun.sources.told import Kind, Part, in_gopro, in_iptc, in_photoshop, in_tiff, in_xmp, moved

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SEGMENT: Final = re.compile(rb"\xff[\xe1\xe6\xed]")
_HEADS: Final[tuple[tuple[bytes, Callable[[bytes], Iterator[Part]]], ...]] = (
    (b"Exif\0\0", in_tiff),
    (b"http://ns.adobe.com/", in_xmp),
    (b"Photoshop 3.0\0", in_photoshop),
    (b"GoPro\0", in_gopro),
)
_PROFILE: Final = re.compile(rb"raw profile type (exif|app1|xmp|iptc|8bim)", re.IGNORECASE)
_OF_PEOPLE: Final = frozenset({b"author", b"copyright"})
_MOST_TEXT_BYTES: Final = 16_000_000  # of a text that is packed: those of cameras and programs have some thousands


def kinds_of(photo: bytes) -> frozenset[Kind]:
    """What a photo tells beside its picture."""
    if photo.startswith(_PNG):
        return frozenset().union(*(_of_chunk(kind, content)[0] for kind, content, _ in _chunks(photo)))
    return frozenset(part.kind for part in _in_jpeg(photo))


def without_told(photo: bytes) -> bytes:
    """The photo without all that `kinds_of` finds; the same bytes where that is nothing."""
    if photo.startswith(_PNG):
        return b"".join([_PNG, *(_rest(kind, content, whole) for kind, content, whole in _chunks(photo))])
    return _blanked(photo, _in_jpeg(photo))


def _in_jpeg(photo: bytes) -> Iterator[Part]:
    """The parts of the segments of every picture in the file.

    Such a mark cannot stand in a picture's own bytes: there each 0xFF is followed by 0 or by a restart mark.
    """
    found = _SEGMENT.search(photo)
    while found is not None:
        begin = found.end() + 2
        end = found.end() + int.from_bytes(photo[found.end() : begin], "big")
        head, look = next(((head, look) for head, look in _HEADS if photo.startswith(head, begin)), (b"", None))
        is_known = look is not None and end <= len(photo)
        if is_known and look is not None:
            yield from moved(look(photo[begin + len(head) : end]), begin + len(head))
        found = _SEGMENT.search(photo, end if is_known else found.end())


def _blanked(data: bytes, parts: Iterator[Part]) -> bytes:
    changed = bytearray(data)
    for part in parts:
        length = part.end - part.begin
        changed[part.begin : part.end] = part.blank * length
    return bytes(changed)


def _chunks(photo: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The chunks of a PNG: kind, content, and the whole of each; what follows its end comes last, without a kind."""
    at = len(_PNG)
    while at + 12 <= len(photo):
        end = at + 12 + int.from_bytes(photo[at : at + 4], "big")
        kind, content, whole = photo[at + 4 : at + 8], photo[at + 8 : end - 4], photo[at:end]
        at = end
        yield kind, content, whole
        if kind == b"IEND":
            break
    yield b"", b"", photo[at:]


def _of_chunk(kind: bytes, content: bytes) -> tuple[frozenset[Kind], list[Part] | None]:
    """What a chunk tells, and the parts that do; None where it is to be left out whole."""
    if kind == b"eXIf":
        parts = list(in_tiff(content))
        return frozenset(part.kind for part in parts), parts
    if kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return frozenset(), []
    keyword = content.partition(b"\0")[0].lower()
    if keyword in _OF_PEOPLE:
        return frozenset({Kind.PERSON}), None
    if kind == b"iTXt" and content.startswith(b"XML:com.adobe.xmp\0\0"):
        parts = list(in_xmp(content))
        return frozenset(part.kind for part in parts), parts
    profile = _PROFILE.fullmatch(keyword)
    if profile is None and keyword != b"xml:com.adobe.xmp":
        return frozenset(), []
    return _of_hidden(kind, content, b"" if profile is None else profile[1].lower()), None


def _of_hidden(kind: bytes, content: bytes, profile: bytes) -> frozenset[Kind]:
    """What a text tells in which nothing can be overwritten: packed, or in digits; a place where it cannot be read."""
    text = content.partition(b"\0")[2]
    try:
        if kind == b"zTXt":
            text = _unpacked(text[1:])
        elif kind == b"iTXt":
            is_packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[2]
            text = _unpacked(text) if is_packed else text
        data = bytes.fromhex("".join(text.decode("ascii").split()[2:])) if profile else text
    except (ValueError, IndexError, zlib.error):
        return frozenset({Kind.PLACE})
    look = {b"": in_xmp, b"xmp": in_xmp, b"iptc": in_iptc, b"8bim": in_photoshop}.get(profile, in_tiff)
    if data.startswith(b"8BIM"):
        look = in_photoshop
    return frozenset(part.kind for part in look(data.removeprefix(b"Exif\0\0")))


def _unpacked(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MOST_TEXT_BYTES)


def _rest(kind: bytes, content: bytes, whole: bytes) -> bytes:
    """A chunk without what it tells."""
    _, parts = _of_chunk(kind, content)
    if parts is None:
        return b""
    if not parts:
        return whole
    changed = _blanked(content, iter(parts))
    checksum = zlib.crc32(kind + changed)
    return len(changed).to_bytes(4, "big") + kind + changed + checksum.to_bytes(4, "big")
