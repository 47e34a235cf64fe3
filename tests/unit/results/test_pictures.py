"""Photos with points on them: drawn where the points are, readable by eye, the same each time."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from coralrun.results import pictures
from coralrun.results.pictures import LegendRow, Mark, NotAPicture

BLUE = "#0072b2"
GREY = (120, 120, 120)


def encoded(width: int, height: int, *, form: str = "PNG", exif: Image.Exif | None = None) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), GREY).save(stream, form, **({"exif": exif} if exif is not None else {}))
    return stream.getvalue()


def brightness(picture: Image.Image, x: int, y: int) -> int:
    """The darkest of a pixel's three colours, from 0 to 255."""
    colours = picture.getpixel((x, y))
    assert isinstance(colours, tuple)
    return int(min(colours))


def test_a_mark_is_drawn_at_its_row_and_column_in_its_colour() -> None:
    photo = pictures.open_photo(encoded(200, 100))
    drawn = pictures.marked(photo, [Mark(row=30, column=150, colour=BLUE)])
    assert drawn.getpixel((150, 30)) == (0x00, 0x72, 0xB2)
    assert drawn.getpixel((30, 50)) == GREY
    assert photo.getpixel((150, 30)) == GREY  # the photo itself stays as it was


def test_a_mark_moves_with_its_photo_when_that_is_made_smaller_or_larger() -> None:
    photo = pictures.open_photo(encoded(200, 100))
    for bounds in ({"most_px": 100}, {"least_px": 400}):
        drawn = pictures.marked(photo, [Mark(row=30, column=150, colour=BLUE)], **bounds)
        factor = drawn.width / 200
        assert drawn.size in ((100, 50), (400, 200))
        assert drawn.getpixel((round(150 * factor), round(30 * factor))) == (0x00, 0x72, 0xB2)


def test_marks_outside_a_photo_are_left_out() -> None:
    photo = pictures.open_photo(encoded(50, 50))
    outside = [Mark(row=-1, column=0), Mark(row=0, column=50), Mark(row=50, column=0)]
    assert pictures.marked(photo, outside).tobytes() == photo.tobytes()


def test_a_photo_that_its_camera_turned_is_drawn_as_it_is_stored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be shown turned by 90 degrees
    assert pictures.open_photo(encoded(60, 40, form="JPEG", exif=exif)).size == (60, 40)


def test_a_text_stands_inside_the_picture_also_for_a_point_at_the_right_edge() -> None:
    photo = pictures.open_photo(encoded(200, 100))
    bare = pictures.marked(photo, [Mark(row=50, column=195, colour=BLUE)])
    with_text = pictures.marked(photo, [Mark(row=50, column=195, colour=BLUE, text="Porites")])
    left, right = (0, 0, 185, 100), (190, 0, 200, 100)
    assert bare.crop(left).tobytes() != with_text.crop(left).tobytes()
    assert bare.crop(right).tobytes() == with_text.crop(right).tobytes()


@pytest.mark.parametrize("text", ["line\nend", "\x00\x1b[31m", "\u202eright to left", "\ud800", "珊瑚"])
def test_any_text_can_be_drawn(text: str) -> None:
    photo = pictures.open_photo(encoded(100, 100))
    sheet = pictures.with_legend(pictures.marked(photo, [Mark(50, 50, BLUE, text)]), text, [LegendRow(BLUE, text)])
    assert sheet.height > 100


def test_a_legend_has_a_mark_of_each_colour_below_the_picture() -> None:
    photo = pictures.open_photo(encoded(300, 100))
    colours = ("#e69f00", "#009e73", "#cc79a7")
    sheet = pictures.with_legend(photo, "3 labels", [LegendRow(colour, "label") for colour in colours])
    seen = sheet.crop((0, 100, sheet.width, sheet.height)).getcolors(maxcolors=300 * sheet.height) or []
    assert {tuple(bytes.fromhex(colour[1:])) for colour in colours} <= {colour for _, colour in seen}
    assert sheet.crop((0, 0, 300, 100)).tobytes() == photo.tobytes()


def test_a_patch_is_the_square_around_its_point_with_a_ring_about_the_point() -> None:
    photo = Image.new("RGB", (1000, 1000), GREY)
    photo.paste((250, 0, 0), (590, 290, 611, 311))
    square = pictures.patch(photo, Mark(row=300, column=600), out_px=pictures.PATCH_PX)
    middle = pictures.PATCH_PX // 2
    assert square.size == (pictures.PATCH_PX, pictures.PATCH_PX)
    assert square.getpixel((middle, middle)) == (250, 0, 0)
    assert brightness(square, middle + 8, middle) > 190 > brightness(square, middle + 10, middle)
    assert square.getpixel((5, 5)) == GREY


@pytest.mark.parametrize(("row", "column"), [(0, 0), (999, 999), (0, 999), (999, 0)])
def test_a_patch_at_a_corner_shows_the_photo_and_nothing_beyond_it(row: int, column: int) -> None:
    square = pictures.patch(Image.new("RGB", (1000, 1000), (0, 90, 0)), Mark(row, column))
    far = square.getpixel((0 if column else square.width - 1, 0 if row else square.height - 1))
    assert far == (0, 90, 0)


def test_a_patch_of_a_photo_smaller_than_the_square_is_all_that_there_is() -> None:
    assert pictures.patch(Image.new("RGB", (30, 20), GREY), Mark(10, 10), out_px=64).size == (64, 64)


def test_the_same_photo_and_marks_give_the_same_bytes() -> None:
    def drawn() -> tuple[bytes, bytes]:
        picture = pictures.marked(pictures.open_photo(encoded(200, 100)), [Mark(20, 30, BLUE, "Sand")])
        return pictures.jpeg(picture), pictures.png(picture)

    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html>no image</html>", "not an image"),
        (b"", "nothing in its file"),
        (encoded(64, 64, form="JPEG")[:300], "damaged or cut off"),
    ],
)
def test_bytes_that_are_no_photo_are_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(NotAPicture, match=why):
        pictures.open_photo(data)


def test_a_photo_larger_than_the_service_takes_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MAX_PHOTO_PIXELS", 99)
    with pytest.raises(NotAPicture, match="more than 99 pixels"):
        pictures.open_photo(encoded(10, 10))
