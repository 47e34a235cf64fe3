"""A plan's images as lines: the same images as ever, and a line that is none is found at once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coralrun.planning.image_lines import ImageLines, NotAnImage
from coralrun.planning.images import Kinds, PlannedImage, Size
from coralrun.planning.lines import image_lines, image_of
from coralrun.spec.point_design import AnnotationArea, AreaUnit

PLAIN = PlannedImage(key="images.csv/a.jpg", source="images.csv", name="a.jpg", points=25, url="https://reef.example/a")
SIZED = replace(PLAIN, size=Size(4000, 3000))
IMAGES = (
    PLAIN,
    SIZED,
    replace(SIZED, key="2", name="b.jpg", url="https://reef.example/b"),
    replace(PLAIN, key="coralnet:2/1", source="coralnet:2", url=None, image_id=1),
    replace(PLAIN, key="coralnet:2/22", source="coralnet:2", url=None, image_id=22),
    replace(PLAIN, key="s3://reef/a.jpg", source="bucket:s3://reef/", url=None, etag="d41d8cd9-2"),
    replace(SIZED, source="folder:photos", url=None, sha256="0f" * 32),
    replace(SIZED, inclusion=1 / 3, points=200),
    replace(SIZED, inclusion=1e-7),
    replace(SIZED, area=AnnotationArea(unit=AreaUnit.PIXELS, x=(1, 90), y=(2, 80))),
    *(
        replace(SIZED, name=name)
        for name in ('a "b".jpg', "a\\b", "two\nlines", "Lizard É 琉球.jpg", "🐠\u2028\x85", "\x7f")
    ),
)


def lines_of(*images: PlannedImage) -> bytes:
    return image_lines(images)


def each_kind(kinds: Kinds) -> list[object]:
    return [kinds.firsts[kind].kind for kind in kinds.of_image]


def test_the_lines_hold_the_images_that_were_written() -> None:
    lines = ImageLines(lines_of(*IMAGES), 0)
    assert lines == IMAGES
    assert lines == IMAGES
    assert lines == ImageLines(lines.data, 0)
    assert lines != IMAGES[1:]
    assert lines != IMAGES[::-1]
    assert lines != list(IMAGES)
    assert (lines[0], lines[-1], lines[2:5], lines[::-1]) == (IMAGES[0], IMAGES[-1], IMAGES[2:5], IMAGES[::-1])
    assert lines.index(IMAGES[4]) == 4
    with pytest.raises(IndexError):
        lines[len(IMAGES)]


def test_values_that_many_images_have_are_held_once_while_all_are_gone_through() -> None:
    first, second = ImageLines(lines_of(*(replace(PLAIN, metadata=("north reef", "5")) for _ in range(2))), 2)
    assert first.metadata[0] is second.metadata[0]


def test_images_that_differ_in_names_and_addresses_alone_are_of_one_kind() -> None:
    kinds = ImageLines(lines_of(*IMAGES[1:5]), 0).kinds
    assert list(kinds.of_image) == [0, 0, 1, 1]
    assert kinds.firsts == [IMAGES[1], IMAGES[3]]


def test_the_kinds_of_lines_are_those_of_their_images() -> None:
    assert each_kind(ImageLines(lines_of(*IMAGES), 0).kinds) == [image.kind for image in IMAGES]
    assert each_kind(Kinds.of(IMAGES)) == [image.kind for image in IMAGES]


def test_an_image_must_have_as_many_values_as_there_are_fields() -> None:
    two = lines_of(replace(SIZED, metadata=("A", "5")))
    assert ImageLines(two, 2)[0].metadata == ("A", "5")
    for known in (0, 1, 3):
        with pytest.raises(NotAnImage):
            ImageLines(two, known)


@pytest.mark.parametrize("data", [b"\n", lines_of(PLAIN) + b"\n", lines_of(PLAIN) + b"{}\n"])
def test_a_line_that_is_no_image_is_named(data: bytes) -> None:
    with pytest.raises(NotAnImage) as raised:
        ImageLines(data, 0)
    assert raised.value.line == data.count(b"\n")


def test_no_lines_are_no_images() -> None:
    assert ImageLines(b"", 0) == ()


@pytest.mark.parametrize(
    "image", [SIZED, replace(IMAGES[3], metadata=("É",), inclusion=0.5)], ids=["sized", "of a page"]
)
def test_a_line_with_a_changed_byte_is_read_as_its_image_or_as_none(
    image: PlannedImage,
) -> None:
    """Hashes can be forged, so what is not read must be as strictly looked at as what is."""
    known, line = len(image.metadata), image_lines([image])
    for at in range(len(line)):
        for byte in range(256):
            changed = line[:at] + bytes([byte]) + line[at + 1 :]
            try:
                kinds = [image_of(line, known, {}).kind for line in changed.removesuffix(b"\n").split(b"\n")]
            except ValueError:
                with pytest.raises(NotAnImage):
                    ImageLines(changed, known)
            else:
                assert each_kind(ImageLines(changed, known).kinds) == kinds
