"""What stands beside a picture that tells of a place, a person or a camera, and where: tags, XMP, IPTC.

Rule: pure, of bytes that come from anybody: what cannot be read tells nothing. A part is found only while something
stands in it, so what was overwritten is found no more. Texts that people write freely (a description, a comment,
keywords) may tell anything, and are not looked at.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple


class Kind(Enum):
    """What a part tells."""

    PLACE = "place"
    PERSON = "person"
    NUMBER = "number"


class Part(NamedTuple):
    """Some of the bytes that were looked at, and what they are overwritten with."""

    kind: Kind
    begin: int
    end: int
    blank: bytes = b"\0"


_EXIF_IFD, _GPS_IFD, _MAKER_NOTE, _XMP, _IPTC, _PHOTOSHOP = 0x8769, 0x8825, 0x927C, 0x02BC, 0x83BB, 0x8649
_TAGS: Final = {
    0x013B: Kind.PERSON,  # Artist
    0x8298: Kind.PERSON,  # Copyright
    0x9C9D: Kind.PERSON,  # XPAuthor
    0xA430: Kind.PERSON,  # CameraOwnerName
    0xA431: Kind.NUMBER,  # BodySerialNumber
    0xA435: Kind.NUMBER,  # LensSerialNumber
    0xC62F: Kind.NUMBER,  # CameraSerialNumber
    _MAKER_NOTE: Kind.NUMBER,  # in a form of each maker's own: the number, often the owner and the place too
}
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_GPS_VERSION: Final = 0
_MOST_DIRECTORIES: Final = 16

_IN_XMP: Final = (
    (
        Kind.PLACE,
        re.compile(
            r"gps\w*|\w*latitude|\w*long(i|t)+tude|\w*altitude|city|sublocation|location|location(created|shown|name|id)"
            r"|state|provincestate|country|country(name|code)|worldregion"
        ),
    ),
    (
        Kind.PERSON,
        re.compile(
            r"creator|rights|artist|copyright|author|owner|\w*ownername|credit|captionwriter|personinimage"
            r"|ci(adr|email|tel|url)\w*"
        ),
    ),
    (Kind.NUMBER, re.compile(r"\w*serialnumber")),
)
_XML_TAG: Final = re.compile(rb"<(/?)([\w.:-]+)(?=[\s/>])([^<>]*)>")
_ATTRIBUTE: Final = re.compile(rb"(?<![\w.:-])([\w.-]+:[\w.-]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_NAMESPACES: Final = (b"xmlns:", b"rdf:", b"xml:", b"x:")

_IPTC_PLACE: Final = frozenset({26, 27, 90, 92, 95, 100, 101})
_IPTC_PERSON: Final = frozenset({80, 85, 110, 116, 118, 122})


def in_tiff(tiff: bytes) -> Iterator[Part]:
    """What the tags of EXIF tell."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    if not order:
        return
    waiting, seen = [_number(tiff, f"{order}I", 4)], set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop()
        if at is None or at in seen:
            continue
        seen.add(at)
        entries, end = _directory(tiff, order, at)
        waiting.append(_number(tiff, f"{order}I", end))  # the next one, such as that of a small picture
        for tag, begin, stop in entries:
            if tag == _EXIF_IFD:
                waiting.append(_number(tiff, f"{order}I", begin))
            elif tag == _GPS_IFD:
                yield from _place(tiff, order, _number(tiff, f"{order}I", begin))
            elif tag in (_XMP, _IPTC, _PHOTOSHOP):
                look = {_XMP: in_xmp, _IPTC: in_iptc, _PHOTOSHOP: in_photoshop}[tag]
                yield from moved(look(tiff[begin:stop]), begin)
            elif tag in _TAGS:
                yield from _unless_blank(tiff, Part(_TAGS[tag], begin, stop))


def _number(data: bytes, form: str, at: int | None) -> int | None:
    try:
        return None if at is None else int(struct.unpack_from(form, data, at)[0])
    except struct.error:
        return None


def _directory(tiff: bytes, order: str, at: int) -> tuple[list[tuple[int, int, int]], int]:
    """The tags of a directory, each with where its value lies (nowhere if out of the file), and where it ends."""
    count = _number(tiff, f"{order}H", at) or 0
    count = min(count, max(0, len(tiff) - at - 2) // 12)
    found = []
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, values, offset = struct.unpack_from(f"{order}HHII", tiff, entry)
        length = _SIZES.get(kind, 0) * values
        begin, end = (entry + 8, entry + 12) if length <= 4 else (offset, offset + length)
        found.append((tag, begin, end if end <= len(tiff) else begin))
    return found, at + 2 + 12 * count


def _place(tiff: bytes, order: str, at: int | None) -> Iterator[Part]:
    """A directory of coordinates, whole, and what it refers to."""
    if at is None:
        return
    entries, end = _directory(tiff, order, at)
    if any(tag != _GPS_VERSION for tag, _, _ in entries):
        yield from (Part(Kind.PLACE, begin, stop) for _, begin, stop in entries)
        yield Part(Kind.PLACE, at, end)


def in_xmp(text: bytes) -> Iterator[Part]:
    """What XMP tells in the values of its properties, in whatever form."""
    inside, depth, kind, last = b"", 0, Kind.PLACE, 0
    for tag in _XML_TAG.finditer(text):
        if inside:
            yield from _unless_blank(text, Part(kind, last, tag.start(), b" "))
        last = tag.end()
        closes, name, attributes = tag[1], tag[2], tag[3]
        for attribute in _ATTRIBUTE.finditer(attributes):
            told = _kind_in_xmp(attribute[1])
            if told is None and inside and not attribute[1].startswith(_NAMESPACES):
                told = kind
            if told is not None:
                begin = tag.start(3) + attribute.start(2) + 1
                yield from _unless_blank(text, Part(told, begin, begin + len(attribute[2]) - 2, b" "))
        if name == inside:
            depth += -1 if closes else not attributes.endswith(b"/")
            inside = inside if depth else b""
        elif not inside and not closes and not attributes.endswith(b"/"):
            told = _kind_in_xmp(name)
            if told is not None:
                inside, depth, kind = name, 1, told


def _kind_in_xmp(name: bytes) -> Kind | None:
    prefix, colon, local = name.decode("ascii", "replace").lower().partition(":")
    if not colon or f"{prefix}:".encode("ascii", "replace") in _NAMESPACES:
        return None
    return next((kind for kind, names in _IN_XMP if names.fullmatch(local)), None)


def in_photoshop(resources: bytes) -> Iterator[Part]:
    """What Photoshop's resources tell: IPTC, EXIF and XMP stand among them."""
    looks = {0x0404: in_iptc, 0x0422: in_tiff, 0x0424: in_xmp}
    at = 0
    while resources[at : at + 4] == b"8BIM" and at + 7 <= len(resources):
        name = 1 + resources[at + 6]
        begin = at + 6 + name + name % 2 + 4
        number, length = _number(resources, ">H", at + 4), _number(resources, ">I", begin - 4)
        if number is None or length is None:
            return
        if number in looks:
            yield from moved(looks[number](resources[begin : begin + length]), begin)
        at = begin + length + length % 2


def in_iptc(data: bytes) -> Iterator[Part]:
    """What IPTC's fields tell."""
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, field, length = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5], "big")
        if length > 0x7FFF:
            return  # of a form for what is very long, which none of these is
        begin, at = at + 5, at + 5 + length
        kind = Kind.PLACE if field in _IPTC_PLACE else Kind.PERSON if field in _IPTC_PERSON else None
        if record == 2 and kind is not None:
            yield from _unless_blank(data, Part(kind, begin, min(at, len(data)), b" "))


def in_gopro(content: bytes) -> Iterator[Part]:
    """What a GoPro writes of itself into a photo: its number, and where it was."""
    for kind, mark in ((Kind.NUMBER, b"CASN"), (Kind.PLACE, b"GPS")):
        if mark in content:
            yield Part(kind, 0, len(content))


def moved(parts: Iterator[Part], by: int) -> Iterator[Part]:
    """The same parts of a whole in which what was looked at begins so far in."""
    return (part._replace(begin=part.begin + by, end=part.end + by) for part in parts)


def _unless_blank(data: bytes, part: Part) -> Iterator[Part]:
    if data[part.begin : part.end].strip(b"\0 \t\r\n"):
        yield part
