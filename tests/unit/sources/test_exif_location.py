"""Coordinates are taken out of photos, and nothing else: no pixel changes, and no byte moves."""

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

from coralrun.sources.exif_location import without_location
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
def test_coordinates_are_gone_and_all_else_stays(byte_order: str) -> None:
    before = with_segments(photo(side=300), exif(byte_order), XMP)
    after = without_location(before)
    assert len(after) == len(before)
    assert disclosed_by(before) == Disclosed(location=True, person=True, number=True)
    assert disclosed_by(after) == Disclosed(location=False, person=True, number=True)
    with Image.open(io.BytesIO(after)) as image:
        tags = image.getexif()
        assert not tags.get_ifd(0x8825)
        assert (tags[0x010F], tags.get_ifd(0x8769)[0x9003]) == ("Reef", "2024:06:12 10:11:12")
    for told in (b"17,28.4S", b"149,48.7W", struct.pack(f"{byte_order}II", 17, 1)):
        assert told in before and told not in after
    assert b"tiff:Make='Reef'" in after
    assert np.array_equal(pixels(before), pixels(after))


@pytest.mark.skipif(not REAL, reason="the shared data (../shared/data) are not here")
def test_no_pixel_of_a_real_photo_changes() -> None:
    for path in REAL:
        original = path.read_bytes()
        located = with_segments(original, exif(), XMP)
        stripped = without_location(located)
        assert disclosed_by(stripped) == Disclosed(location=False, person=True, number=True)
        assert stripped[-len(original) + 2 :] == original[2:]
        assert np.array_equal(pixels(stripped), pixels(original))


def test_a_photo_without_coordinates_is_the_same_bytes() -> None:
    for data in (photo(), photo(kind="PNG"), photo() + b"\xff\xe1\0\x09short", b"\xff\xd8\xff\xe1\0", b""):
        assert without_location(data) == data


@pytest.mark.parametrize(
    "damage",
    [b"Exif\0\0", b"Exif\0\0XX*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\x09\0"],
)
def test_exif_that_is_damaged_is_left_as_it_is(damage: bytes) -> None:
    data = with_segments(photo(), damage)
    assert without_location(data) == data


def test_coordinates_that_point_out_of_their_exif_harm_nothing() -> None:
    entry = struct.pack("<HHII", 2, 5, 3, 0xFFFFFF)
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8825, 4, 1, 26, 0) + struct.pack("<H", 1) + entry
    stripped = without_location(with_segments(photo(), b"Exif\0\0" + tiff))
    assert entry not in stripped
    assert np.array_equal(pixels(stripped), pixels(photo()))


def test_the_second_picture_of_a_file_has_none_either() -> None:
    second = with_segments(photo(side=40), exif())
    stripped = without_location(with_segments(photo(side=300), exif()) + second)
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
    after = without_location(before + b"behind its end")
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
    assert b"xmp" not in without_location(png(text))


def test_a_picture_that_cannot_be_opened_tells_nothing() -> None:
    assert disclosed_by(b"no picture") == Disclosed()
