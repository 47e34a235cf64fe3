"""Photos with their points drawn on them: for `show`, previews, patches, contact sheets.

Rule: a photo is drawn as it is stored. EXIF orientation is never applied, because rows and columns count stored pixels
(protocol 4). Nothing is fetched or written here: encoded bytes and marks come in, pictures and encoded bytes go out,
and the same input gives the same picture. Whoever imports this loads Pillow: import it late.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from coralrun.files.stored_pixels import stored_pixels
from coralrun.limits import MAX_PHOTO_PIXELS

PATCH_PX: Final = 224
"""The side of the square around a point that CoralNet's feature extractor looks at: pyspacer's crop of 224 x 224."""

UNLABELLED: Final = "#ffffff"
_FORMATS: Final = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP")
_SMOOTH: Final = 4  # marks are drawn so many times too large and made smaller, which smooths their edges
_MARKS_ACROSS: Final = 130  # the radius of a mark, as a part of the shorter side of its picture
_LEAST_RADIUS_PX: Final = 4
_PATCH_RADIUS_PX: Final = 7
_JPEG_QUALITY: Final = 82
_LEGEND_TEXT: Final = "#1c2733"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class NotAPicture(Exception):
    """The bytes are no photo that can be drawn on; the message says why."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One point to draw, in stored pixels. `colour` is hexadecimal, as in CSS; `text` stands beside the mark."""

    row: int
    column: int
    colour: str = UNLABELLED
    text: str = ""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """What a colour means."""

    colour: str
    text: str


def open_photo(data: bytes) -> Image.Image:
    """Decode a photo to RGB; raises NotAPicture for what is none, is damaged, or is larger than the service takes."""
    if not data:
        raise NotAPicture("there is nothing in its file")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PHOTO_PIXELS:
                raise NotAPicture(f"it has more than {MAX_PHOTO_PIXELS:,} pixels")
            return stored_pixels(image).convert("RGB")
    except UnidentifiedImageError as error:
        raise NotAPicture("it is not an image") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture("it is damaged or cut off") from error


def marked(photo: Image.Image, marks: Iterable[Mark], *, least_px: int = 1, most_px: int = 100_000) -> Image.Image:
    """A copy of a photo with marks on it, its longer side within the bounds. Marks outside the photo are left out."""
    longer = max(photo.size)
    factor = min(max(longer, least_px), most_px) / longer
    size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
    picture = photo.copy() if size == photo.size else photo.resize(size, Image.Resampling.LANCZOS)
    scale_x, scale_y = picture.width / photo.width, picture.height / photo.height
    radius = max(_LEAST_RADIUS_PX, round(min(picture.size) / _MARKS_ACROSS))
    texts: list[tuple[int, int, str]] = []
    for mark in marks:
        if not (0 <= mark.row < photo.height and 0 <= mark.column < photo.width):
            continue
        x, y = round((mark.column + 0.5) * scale_x), round((mark.row + 0.5) * scale_y)
        _stamp(picture, x, y, radius, mark.colour)
        if mark.text:
            texts.append((x, y, shown(mark.text)))
    _write_beside(picture, texts, radius)  # after all marks, so that none hides a text
    return picture


def patch(photo: Image.Image, mark: Mark, *, side_px: int = PATCH_PX, out_px: int = 176) -> Image.Image:
    """The square of a photo around a point, enlarged or reduced to `out_px`; at an edge the square is moved inwards."""
    side = min(side_px, photo.width, photo.height)
    left = min(max(0, mark.column - side // 2), photo.width - side)
    top = min(max(0, mark.row - side // 2), photo.height - side)
    square = photo.crop((left, top, left + side, top + side)).resize((out_px, out_px), Image.Resampling.LANCZOS)
    scale = out_px / side
    x, y = round((mark.column - left + 0.5) * scale), round((mark.row - top + 0.5) * scale)
    _stamp(square, x, y, _PATCH_RADIUS_PX, None)
    return square


def with_legend(picture: Image.Image, title: str, rows: Sequence[LegendRow]) -> Image.Image:
    """A picture with what its colours mean written on white below it, in as many columns as fit."""
    size = max(12, min(picture.size) // 45)
    font, line, margin = _font(size), round(size * 1.6), size
    widest = max((font.getlength(shown(row.text)) for row in rows), default=0.0)
    cell = round(widest) + 4 * size
    columns = max(1, (picture.width - margin) // cell)
    deep = -(-len(rows) // columns)
    height = line * (deep + 1) + 2 * margin
    sheet = Image.new("RGB", (picture.width, picture.height + height), "white")
    sheet.paste(picture, (0, 0))
    draw = ImageDraw.Draw(sheet)
    top = picture.height + margin
    draw.text((margin, top), shown(title), font=font, fill=_LEGEND_TEXT)
    for number, row in enumerate(rows):
        column, down = divmod(number, deep)
        x, y = margin + column * cell, top + line * (down + 1)
        _stamp(sheet, x + size // 2, y + size // 2 + 1, max(_LEAST_RADIUS_PX, size // 2 - 2), row.colour)
        draw.text((x + round(1.6 * size), y), shown(row.text), font=font, fill=_LEGEND_TEXT)
    return sheet


def jpeg(picture: Image.Image, quality: int = _JPEG_QUALITY) -> bytes:
    """A picture as JPEG, without any metadata; the same picture gives the same bytes."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()


def png(picture: Image.Image) -> bytes:
    """A picture as PNG, without any metadata."""
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def shown(text: str) -> str:
    """A text as it can be drawn on one line: control characters become a sign for what is not shown."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _stamp(picture: Image.Image, x: int, y: int, radius: int, colour: str | None) -> None:
    sprite = _disc(radius, colour)
    half = sprite.width // 2
    picture.paste(sprite, (x - half, y - half), sprite)


@lru_cache(maxsize=256)
def _disc(radius: int, colour: str | None) -> Image.Image:
    """A disc with a white ring and a dark rim, seen on any ground; without a colour the ring alone."""
    edge = max(1, radius // 4)
    outer = radius + 2 * edge
    size = (2 * outer + 1) * _SMOOTH
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    middle = size / 2

    def disc(r: float, fill: str | tuple[int, int, int, int]) -> None:
        reach = r * _SMOOTH
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=fill)

    disc(outer, (0, 0, 0, 200))
    disc(radius + edge, "#ffffff")
    if colour is None:
        disc(radius, (0, 0, 0, 200))
        disc(radius - edge, (255, 255, 255, 0))
    else:
        disc(radius, colour)
    return image.resize((2 * outer + 1, 2 * outer + 1), Image.Resampling.LANCZOS)


def _write_beside(picture: Image.Image, texts: Iterable[tuple[int, int, str]], radius: int) -> None:
    """Write texts to the right of their marks, or to the left where there is no room."""
    draw = ImageDraw.Draw(picture)
    font = _font(max(10, round(2.6 * radius)))
    edge = max(1, radius // 4)
    for x, y, text in texts:
        away = radius + 4 * edge
        fits = x + away + font.getlength(text) <= picture.width
        draw.text(
            (x + away if fits else x - away, y),
            text,
            font=font,
            fill="white",
            anchor="lm" if fits else "rm",
            stroke_width=max(1, edge),
            stroke_fill="black",
        )


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font, the same on every machine."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # a Pillow built without FreeType
        raise NotAPicture("this Pillow cannot write text: install one with FreeType")
    return font
