"""What EXIF says, whatever bytes it is made of."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.photo_host import photo

from coralrun.planning.exif import FUTURE, NO_DAY, RESET
from coralrun.planning.images import Taken
from coralrun.sources.exif import Exif, read_exif, taken_of

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
Tags = Mapping[int, Any]
NONE: Tags = {}
TODAY = date(2026, 5, 4)
GPS = {1: "S", 2: (17.0, 30.0, 1.5), 3: "W", 4: (149.0, 50.0, 2.25)}


def read(data: bytes) -> Exif | None:
    with Image.open(io.BytesIO(data)) as image:
        return read_exif(image)


def written(top: Tags = NONE, exif: Tags = NONE, gps: Tags = NONE, kind: str = "JPEG") -> bytes:
    tags = Image.Exif()
    tags.update(top)
    tags.get_ifd(0x8769).update(exif)
    tags.get_ifd(0x8825).update(gps)
    packed = io.BytesIO()
    Image.new("RGB", (4, 3)).save(packed, kind, exif=tags)
    return packed.getvalue()


def of_date(text: str) -> Taken:
    taken = taken_of(Exif(text), TODAY)
    assert taken is not None
    return taken


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_date_coordinates_and_camera_are_read(kind: str) -> None:
    data = written({0x010F: "Canon", 0x0110: "Canon EOS 5D"}, {0x9003: "2024:06:01 10:20:30"}, GPS, kind)
    exif = read(data)
    assert exif is not None
    assert (exif.written, exif.camera) == ("2024:06:01 10:20:30", "Canon EOS 5D")
    assert taken_of(exif, TODAY) == Taken(
        date(2024, 6, 1), "2024:06:01 10:20:30", "", "-17.500417", "-149.833958", "Canon EOS 5D"
    )


def test_a_photo_without_exif_says_nothing() -> None:
    assert read(photo()) is None
    assert read(photo(kind="PNG")) is None
    assert taken_of(None, TODAY) is None


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("0000:00:00 00:00:00", NO_DAY),
        ("    :  :     :  :  ", NO_DAY),
        ("2024:13:01 00:00:00", NO_DAY),
        ("yesterday", NO_DAY),
        ("1970:01:01 00:00:00", RESET),
        ("1980:05:07 00:00:00", RESET),
        ("2015:01:01 12:00:00", RESET),
        ("2016:01:02 00:10:00", RESET),
        ("2026:05:06 00:00:00", FUTURE),
    ],
)
def test_a_date_that_may_be_wrong_is_in_doubt(text: str, doubt: str) -> None:
    assert of_date(text).doubt == doubt
    assert of_date(text).written == text


@pytest.mark.parametrize("text", ["2024:06:01 10:20:30", "2024-06-01T10:20", "2024/06/01", "2024.06.01 25:99:99"])
def test_only_the_day_of_a_date_is_asked_for(text: str) -> None:
    assert (of_date(text).day, of_date(text).doubt) == (date(2024, 6, 1), "")


def test_east_of_here_it_may_be_tomorrow_already() -> None:
    assert of_date("2026:05:05 07:00:00").doubt == ""


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(0.0, 0.0), (0.0001, -0.0001), (90.5, 10.0), (10.0, 180.5), (-1e300, 0.0)]
)
def test_coordinates_that_are_no_place_are_not_known(latitude: float, longitude: float) -> None:
    assert taken_of(Exif("", latitude, longitude), TODAY) == Taken(is_nowhere=True)


@pytest.mark.parametrize("gps", [{2: (1.0, 2.0, 3.0)}, {**GPS, 2: (1.0, 2.0)}, {**GPS, 4: 149.0}])
def test_half_a_place_is_none(gps: Tags) -> None:
    assert read(written({0x0110: "C"}, gps=gps)) == Exif(camera="C")


def test_text_is_one_short_printable_line() -> None:
    exif = read(written({0x010F: "Acme\0\0hidden", 0x0110: "a\n\x1b[31mb" + "x" * 500}))
    assert exif == Exif(camera="Acme a [31mb" + "x" * 53)


HEAD, TAIL = photo()[:2], photo()[2:]


@given(st.binary(max_size=300))
def test_no_bytes_of_exif_do_any_harm(tags: bytes) -> None:
    body = b"Exif\0\0" + tags
    data = HEAD + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + TAIL
    exif = read(data)
    taken = taken_of(exif, TODAY)
    assert taken is None or taken.camera.isprintable()


REAL = written({0x010F: "Canon", 0x0110: "EOS"}, {0x9003: "2024:06:01 10:20:30"}, GPS)


@given(st.lists(st.tuples(st.integers(20, 240), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_flipped_byte_of_real_exif_does_any_harm(flips: list[tuple[int, int]]) -> None:
    data = bytearray(REAL)
    for place, byte in flips:
        data[place] = byte
    try:
        with Image.open(io.BytesIO(bytes(data))) as image:
            exif = read_exif(image)
    except (OSError, SyntaxError):
        return  # no photo any more, as `folder_photo` finds
    taken = taken_of(exif, TODAY)
    assert taken is None or all(text.isprintable() for text in (taken.written, taken.camera, taken.latitude))
