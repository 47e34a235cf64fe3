"""The raw size of an image from its first bytes, over a host that answers as hosts do."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from coralrun.http.fetched import Fetched
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Located
from coralrun.sources.image_size import READ_TO_BYTES, ManifestImages, header_size, size_of

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
URL = "https://reef.example/a.jpg"

NOW = 1_795_366_800.0


class Host:
    """A host with one file. It counts the requests and the bytes that it sends."""

    def __init__(self, data: bytes, *, ranges: bool = True) -> None:
        self.data = data
        self.ranges = ranges
        self.requests = 0
        self.sent_bytes = 0

    def fetch(self, url: str, start: int, length: int) -> Fetched | Trouble:
        assert url.partition("?")[0] == URL
        self.requests += 1
        if self.ranges and start >= len(self.data):
            return Fetched(416, b"", complete=True)
        first = start if self.ranges else 0
        body = self.data[first : start + length]
        self.sent_bytes += len(body)
        return Fetched(206 if self.ranges else 200, body, complete=first + len(body) == len(self.data))


def photo(size: tuple[int, int], kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def turned(size: tuple[int, int]) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: viewers turn the picture by 90 degrees
    return photo(size, exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "MPO"])
@pytest.mark.parametrize("ranges", [True, False], ids=["206", "200"])
def test_the_first_bytes_show_the_size(kind: str, ranges: bool) -> None:
    host = Host(photo((800, 600), kind), ranges=ranges)
    assert size_of(URL, host.fetch) == Size(width=800, height=600)
    assert host.requests == 1
    assert host.sent_bytes <= READ_TO_BYTES[0]


@pytest.mark.parametrize("kind", ["WEBP", "TIFF"])
def test_a_format_that_shows_its_size_at_the_end_is_read_to_its_end(kind: str) -> None:
    host = Host(photo((300, 200), kind))
    assert len(host.data) > READ_TO_BYTES[0]
    assert size_of(URL, host.fetch) == Size(width=300, height=200)


def test_the_size_is_of_the_stored_pixels_whatever_the_orientation() -> None:
    data = turned((400, 300))
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif()[0x0112] == 6
    assert size_of(URL, Host(data).fetch) == Size(width=400, height=300)


@pytest.mark.parametrize("ranges", [True, False], ids=["206", "200"])
def test_more_is_read_when_a_thumbnail_stands_before_the_size(ranges: bool) -> None:
    plain = photo((800, 600))
    segment = b"\xff\xe3" + (60_002).to_bytes(2, "big") + b"\0" * 60_000
    host = Host(plain[:2] + segment * 3 + plain[2:], ranges=ranges)
    assert size_of(URL, host.fetch) == Size(800, 600)
    assert host.requests == 3


def test_an_image_that_hides_its_size_behind_a_megabyte_is_given_up() -> None:
    plain = photo((80, 60))
    segment = b"\xff\xe3" + (60_002).to_bytes(2, "big") + b"\0" * 60_000
    host = Host(plain[:2] + segment * 20 + plain[2:])
    assert size_of(URL, host.fetch) == Unusable(Reason.NO_SIZE)
    assert host.sent_bytes == READ_TO_BYTES[-1]


@pytest.mark.parametrize("data", [b"<html>" + b"not here " * 5000, b"", b"\xff\xd8\xff\xe0", b"%PDF-1.4"])
@pytest.mark.parametrize("ranges", [True, False], ids=["206", "200"])
def test_a_file_that_is_not_an_image_is_told_when_it_has_been_read(data: bytes, ranges: bool) -> None:
    assert size_of(URL, Host(data, ranges=ranges).fetch) == Unusable(Reason.NOT_AN_IMAGE)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_photo_too_large_to_decode_has_a_size_and_takes_no_memory() -> None:
    header = photo((8, 8), "PNG")
    ihdr = b"IHDR" + (20_000).to_bytes(4, "big") + (8_000).to_bytes(4, "big") + header[24:29]
    large = header[:12] + ihdr + zlib.crc32(ihdr).to_bytes(4, "big") + header[33:]
    assert header_size(large) == Size(20_000, 8_000)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, Unusable(Reason.NOT_FOUND)),
        (410, Unusable(Reason.NOT_FOUND)),
        (403, Unusable(Reason.HOST_REFUSED)),
        (401, Unusable(Reason.HOST_REFUSED)),
        (451, Unusable(Reason.HOST_REFUSED)),
        (302, Unusable(Reason.BAD_URL)),
        (400, Unusable(Reason.BAD_URL)),
        (429, Trouble(TroubleKind.UNREACHABLE, "the image's host answered 429")),
        (503, Trouble(TroubleKind.UNREACHABLE, "the image's host answered 503")),
    ],
)
def test_a_host_that_refuses_is_final_and_one_in_trouble_is_not(status: int, expected: object) -> None:
    assert size_of(URL, lambda url, start, length: Fetched(status, b"<html>", complete=True)) == expected


def test_a_host_that_does_not_answer_is_trouble() -> None:
    trouble = Trouble(TroubleKind.UNREACHABLE, "timed out")
    assert size_of(URL, lambda url, start, length: trouble) == trouble


def planned(url: str | None = URL, size: Size | None = None) -> PlannedImage:
    return PlannedImage(key="a.jpg", source="manifest:images.csv", name="a.jpg", points=1, url=url, size=size)


def test_an_image_whose_size_the_manifest_gives_is_located_without_a_request() -> None:
    host = Host(b"")
    assert ManifestImages(host.fetch, lambda: NOW).locate(planned(size=Size(4, 3))) == Located(URL, Size(4, 3), None)
    assert host.requests == 0


def test_an_image_without_a_size_is_located_by_its_first_bytes() -> None:
    images = ManifestImages(Host(photo((40, 30))).fetch, lambda: NOW)
    assert images.locate(planned()) == Located(URL, Size(40, 30), None)
    assert ManifestImages(Host(b"<html>").fetch, lambda: NOW).locate(planned()) == Unusable(Reason.NOT_AN_IMAGE)


def test_an_image_without_a_url_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="has no URL"):
        ManifestImages(Host(b"").fetch, lambda: NOW).locate(planned(url=None))


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("damaged/p82pkvoqn3.JPG", Size(1942, 1935)),
        ("mlc/mcr_lter3_out10m_pole4-5_qu5_20080404.jpg", Size(1976, 1956)),
        ("source-2091/i0201a.png", Size(1116, 906)),
    ],
)
def test_real_photos_show_their_size_within_64_kilobytes_a_damaged_one_too(name: str, size: Size) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    host = Host(path.read_bytes())
    assert size_of(URL, host.fetch) == size
    assert host.sent_bytes <= 64 * 1024


PHOTOS = {kind: photo((20, 10), kind) for kind in ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "MPO")}


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.sampled_from(sorted(PHOTOS)), st.data())
def test_hostile_bytes_never_raise(kind: str, data: st.DataObject) -> None:
    content = bytearray(PHOTOS[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, min(len(content), 600) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    assert isinstance(header_size(bytes(content[:cut])), Size | Unusable | None)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("ends_s", "reason"), [(NOW, Reason.SIGNATURE_ENDED), (NOW + 1, None)], ids=["ended", "not ended"]
)
def test_a_refusal_says_that_the_signature_has_ended_where_it_has(
    status: int, ends_s: float, reason: Reason | None
) -> None:
    images = ManifestImages(lambda url, start, length: Fetched(status, b"", complete=True), lambda: NOW)
    answer = images.locate(planned(url=f"{URL}?Signature=S&Expires={ends_s:.0f}"))
    assert answer == Unusable(reason or (Reason.BAD_URL if status == 400 else Reason.HOST_REFUSED))


def test_a_host_that_does_not_heed_the_end_of_a_signature_is_believed() -> None:
    url = f"{URL}?Signature=S&Expires={NOW - 9:.0f}"
    images = ManifestImages(Host(photo((40, 30))).fetch, lambda: NOW)
    assert images.locate(planned(url=url)) == Located(url, Size(40, 30), None)
