"""What a file is, by its first bytes and by its ending."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.photo_host import photo

from coralrun.sources.photo_files import OTHER, PAGE, PHOTO, kind_by_content, kind_by_ending

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
RAW = "a camera's raw file"


def tiff(**tags: int) -> bytes:
    """A TIFF's first directory, as far as a raw file's is read."""
    entries = b"".join(struct.pack("<HHII", int(tag[1:]), 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(100)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        *((photo(kind=kind), PHOTO) for kind in ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")),
        (b"\xff\xd8\xff\xe1" + bytes(60), PHOTO),  # a size that stands further back
        (b"MM\0*\0\x20\0\0" + bytes(60), PHOTO),  # a directory at the end
        (tiff(t254=0, t256=160), PHOTO),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypmp42", "a video"),
        (b"\0\0\0\x14ftypqt  ", "a video"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "a video"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"\x1a\x45\xdf\xa3\x01", "a video"),
        ((b"G" + b"\x7f" * 187) * 2, "a video"),
        (b"\0\0\0\x18ftypcrx ", RAW),
        (b"II*\0\x10\0\0\0CR\x02\0", RAW),
        (tiff(t254=1, t256=160, t259=34713), RAW),  # a NEF or an ARW: the first is a preview
        (tiff(t254=0, t256=160, t50706=1), RAW),  # a DNG
        (b"FUJIFILMCCD-RAW 0201", RAW),
        (b"IIU\0\x18\0\0\0", RAW),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04\x14\0", "an archive"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><title>Sign in</title>", PAGE),
        (b"<!-- x --><HTML lang=en>", PAGE),
        (b"<?xml version='1.0'?><svg xmlns='x'>", "SVG"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "text"),
        (b"", "an empty file"),
        (bytes(300), "an empty file"),
        (b"\x01\x02\x03\x04" * 9, OTHER),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: str) -> None:
    assert kind_by_content(head) == kind


@given(st.binary(max_size=300), st.sampled_from([b"", b"II*\0", b"MM\0*", b"\0\0\0\x18ftyp", b"\xff\xd8\xff"]))
def test_no_bytes_are_an_error(tail: bytes, start: bytes) -> None:
    assert kind_by_content(start + tail)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a0.HEIC", "HEIC"),
        ("a.b.nef", RAW),
        ("DSC1.ARW", RAW),
        ("GX010.mp4", "a video"),
        ("sheet.PDF", "a PDF"),
        ("photos.zip", "an archive"),
        ("index.html", PAGE),
        ("a.jpg", ""),
        ("a.JPEG", ""),
        ("a.tiff", ""),
        ("nef", ""),
        ("download.php", ""),
        ("", ""),
    ],
)
def test_an_ending_says_what_the_service_cannot_read(name: str, kind: str) -> None:
    assert kind_by_ending(name) == kind
