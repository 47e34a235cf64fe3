"""What tells of places, people and cameras is taken out of photos: no pixel changes, and no byte moves."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.contract.uploading import photo

from coralrun.sources.photo_tells import without_told
from coralrun.sources.upload_look import Disclosed, disclosed_by

REAL = sorted((Path(__file__).resolve().parents[4] / "shared" / "data").rglob("*.jpg"))
XMP = (
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description exif:GPSLatitude=\"17,28.4S\" tiff:Make='Reef'>"
    b"<exif:GPSLongitude>149,48.7W</exif:GPSLongitude></rdf:Description></x:xmpmeta>"
)
LATITUDE = (17.0, 28.0, 25.32)


def exif(byte_order: str = "<") -> bytes:
    """EXIF with coordinates, a photographer, a camera's number and a date, in either order of bytes."""
    tags = Image.Exif()
    tags.endian = byte_order
    tags[0x010F], tags[0x013B] = "Reef", "A. Diver"
    tags.get_ifd(0x8769).update({0x9003: "2024:06:12 10:11:12", 0xA431: "SN-4711"})
    tags.get_ifd(0x8825).update({1: "S", 2: LATITUDE, 3: "W", 4: (149.0, 48.0, 42.0), 29: "2024:06:12"})
    return tags.tobytes()


def with_segments(jpeg: bytes, *contents: bytes) -> bytes:
    """A JPEG with these APP1 segments before all others."""
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content for content in contents)
    return jpeg[:2] + segments + jpeg[2:]


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_what_tells_is_gone_and_all_else_stays(byte_order: str) -> None:
    before = with_segments(photo(side=300), exif(byte_order), XMP)
    after = without_told(before)
    assert len(after) == len(before)
    assert disclosed_by(before) == Disclosed(location=True, person=True, number=True)
    assert disclosed_by(after) == Disclosed()
    with Image.open(io.BytesIO(after)) as image:
        tags = image.getexif()
        assert not tags.get_ifd(0x8825)
        assert (tags[0x010F], tags.get_ifd(0x8769)[0x9003]) == ("Reef", "2024:06:12 10:11:12")
    for told in (b"A. Diver", b"SN-4711", b"17,28.4S", b"149,48.7W", struct.pack(f"{byte_order}II", 17, 1)):
        assert told in before and told not in after
    assert b"tiff:Make='Reef'" in after
    assert np.array_equal(pixels(before), pixels(after))


@pytest.mark.skipif(not REAL, reason="the shared data (../shared/data) are not here")
def test_no_pixel_of_a_real_photo_changes() -> None:
    for path in REAL:
        original = path.read_bytes()
        located = with_segments(original, exif(), XMP)
        stripped = without_told(located)
        assert disclosed_by(stripped) == Disclosed()
        assert stripped[-len(original) + 2 :] == original[2:]
        assert np.array_equal(pixels(stripped), pixels(original))


def test_a_photo_without_coordinates_is_the_same_bytes() -> None:
    for data in (photo(), photo(kind="PNG"), photo() + b"\xff\xe1\0\x09short", b"\xff\xd8\xff\xe1\0", b""):
        assert without_told(data) == data


@pytest.mark.parametrize(
    "damage",
    [b"Exif\0\0", b"Exif\0\0XX*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\x09\0"],
)
def test_exif_that_is_damaged_is_left_as_it_is(damage: bytes) -> None:
    data = with_segments(photo(), damage)
    assert without_told(data) == data


def test_coordinates_that_point_out_of_their_exif_harm_nothing() -> None:
    entry = struct.pack("<HHII", 2, 5, 3, 0xFFFFFF)
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8825, 4, 1, 26, 0) + struct.pack("<H", 1) + entry
    stripped = without_told(with_segments(photo(), b"Exif\0\0" + tiff))
    assert entry not in stripped
    assert np.array_equal(pixels(stripped), pixels(photo()))


def test_the_second_picture_of_a_file_has_none_either() -> None:
    second = with_segments(photo(side=40), exif())
    stripped = without_told(with_segments(photo(side=300), exif()) + second)
    assert struct.pack("<II", 17, 1) not in stripped


def png(text: PngInfo | None = None, exif_bytes: bytes | None = None) -> bytes:
    stream = io.BytesIO()
    more = {} if exif_bytes is None else {"exif": exif_bytes}
    Image.open(io.BytesIO(photo(kind="PNG"))).save(stream, "PNG", pnginfo=text, **more)
    return stream.getvalue()


def test_a_png_loses_its_coordinates_wherever_they_stand() -> None:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.partition(b"\0")[2].decode())
    text.add_text("Raw profile type exif", "exif 4d4d002a")
    text.add_itxt("Comment", "kept")
    before = png(text, exif())
    after = without_told(before + b"behind its end")
    assert disclosed_by(before).location and not disclosed_by(after).location
    assert b"Raw profile" not in after and b"Comment" in after and b"17,28.4S" not in after
    assert after.endswith(b"behind its end")
    with Image.open(io.BytesIO(after)) as image:
        image.verify()
    assert np.array_equal(pixels(before), pixels(after))


def test_a_png_whose_xmp_is_compressed_loses_it() -> None:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.partition(b"\0")[2].decode(), zip=True)
    assert zlib.compress(b"")[:2] in png(text)
    assert b"xmp" not in without_told(png(text))


def test_a_picture_that_cannot_be_opened_tells_nothing() -> None:
    assert disclosed_by(b"no picture") == Disclosed()


NESTED = (
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:dc='d'>"
    b"<rdf:Description photoshop:City='Moorea' aux:SerialNumber='7'>"
    b"<dc:creator><rdf:Seq><rdf:li xml:lang='fr'>A. Diver</rdf:li></rdf:Seq></dc:creator>"
    b"<Iptc4xmpExt:LocationShown><rdf:li Iptc4xmpExt:Sublocation='Tiahura'/></Iptc4xmpExt:LocationShown>"
    b"<dc:description><rdf:Alt><rdf:li>Transect 4</rdf:li></rdf:Alt></dc:description></rdf:Description></x:xmpmeta>"
)


def tagged(directory: int, tag: int, value: object) -> tuple[bytes, bytes]:
    """The mark and the content of a segment with one tag in one of its directories."""
    tags = Image.Exif()
    (tags.get_ifd(directory) if directory else tags)[tag] = value
    return b"\xff\xe1", tags.tobytes()


def iptc(*fields: tuple[int, bytes]) -> bytes:
    """IPTC in a segment of Photoshop's."""
    data = b"".join(b"\x1c\x02" + bytes([field]) + struct.pack(">H", len(text)) + text for field, text in fields)
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data


def with_segment(mark: bytes, content: bytes) -> bytes:
    jpeg = photo(side=300)
    return jpeg[:2] + mark + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


PLACE, PERSON, NUMBER = Disclosed(location=True), Disclosed(person=True), Disclosed(number=True)


@pytest.mark.parametrize(
    ("mark", "content", "tells", "secrets"),
    [
        (*tagged(0, 0x8298, "(c) A. Diver"), PERSON, [b"Diver"]),
        (*tagged(0, 0x9C9D, "A. Diver".encode("utf-16-le")), PERSON, ["Diver".encode("utf-16-le")]),
        (*tagged(0x8769, 0xA430, "A. Diver"), PERSON, [b"Diver"]),
        (*tagged(0x8769, 0xA435, "L-1"), NUMBER, [b"L-1"]),
        (*tagged(0x8769, 0x927C, b"Maker\0\x01SN-4711 Moorea"), NUMBER, [b"SN-4711", b"Moorea"]),
        (*tagged(0, 0x02BC, NESTED.partition(b"\0")[2]), Disclosed(True, True, True), [b"Moorea", b"Diver"]),
        (b"\xff\xe1", NESTED, Disclosed(True, True, True), [b"Moorea", b"Tiahura", b"Diver", b"'7'"]),
        (b"\xff\xe1", b'http://ns.adobe.com/xap/1.0/\0<r drone-dji:GpsLongtitude="149.8"/>', PLACE, [b"149.8"]),
        (b"\xff\xed", iptc((90, b"Moorea"), (120, b"Transect 4")), PLACE, [b"Moorea"]),
        (b"\xff\xed", iptc((5, b"Quadrat"), (80, b"A. Diver")), PERSON, [b"Diver"]),
        (b"\xff\xe6", b"GoPro\0CASNc\x01\0\x0eC3441325067389", NUMBER, [b"C3441325067389"]),
    ],
    ids=["copyright", "author", "owner", "lens", "maker", "in a tag", "nested", "drone", "city", "byline", "gopro"],
)
def test_what_is_counted_is_taken_out_wherever_it_stands(
    mark: bytes, content: bytes, tells: Disclosed, secrets: list[bytes]
) -> None:
    before = with_segment(mark, content)
    after = without_told(before)
    assert disclosed_by(before) == tells
    assert disclosed_by(after) == Disclosed()
    assert len(after) == len(before)
    assert all(secret in before and secret not in after for secret in secrets)
    assert before[before.index(b"\xff\xda") :] == after[after.index(b"\xff\xda") :]
    assert np.array_equal(pixels(before), pixels(after))
    assert all((kept in before) == (kept in after) for kept in (b"Transect 4", b"Quadrat"))


def test_a_small_picture_of_the_photo_tells_nothing_either() -> None:
    entry = struct.pack("<HHI4s", 0x013B, 2, 4, b"Ann\0")
    second = struct.pack("<H", 1) + entry + bytes(4)
    tiff = b"II*\0" + struct.pack("<IH", 8, 0) + struct.pack("<I", 14) + second
    before = with_segment(b"\xff\xe1", b"Exif\0\0" + tiff)
    assert disclosed_by(before) == PERSON
    assert b"Ann" not in without_told(before)


@pytest.mark.parametrize(
    ("name", "value", "tells"),
    [
        ("Author", "A. Diver", PERSON),
        ("Raw profile type iptc", f"\niptc\n  20\n{iptc((90, b'Moorea'))[14:].hex()}\n", PLACE),
        ("Raw profile type iptc", "no digits at all", PLACE),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_text_of_a_png_that_tells_something_is_left_out(
    name: str, value: str, tells: Disclosed, is_packed: bool
) -> None:
    text = PngInfo()
    text.add_text(name, value, zip=is_packed)
    assert disclosed_by(png(text)) == tells
    assert without_told(png(text)) == png()


def test_texts_without_an_end_are_gone_through_once() -> None:
    for text in (b"<" + b"a" * 60_000, b"a" * 60_000 + b"=", b"<a:b " * 10_000, b"<dc:creator>" * 5_000):
        data = with_segment(b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0" + text)
        assert without_told(data) == data
