"""One's own photos as a source: a folder of images, and a table of points that experts have labelled.

Rule: a photo keeps its name, which is its path below the folder with forward slashes. Every file that Pillow knows is
a photo, whatever it is called. The table is checked whole, and all that is wrong in it is reported at once. As at
CoralNet a number is never that of another photo, or label, whatever comes and goes while the service is off: it follows
from the name.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

from coralrun.emulator.classifier import Annotated
from coralrun.emulator.pictures import NotAnImage, size_of, stored_picture
from coralrun.emulator.reef import random_name
from coralrun.emulator.site import Annotation, Label, Photo, in_database
from coralrun.errors import InvalidInput, Problem
from coralrun.files.given import read_given

COLUMNS = ("name", "row", "column", "label")
_MOST_PROBLEMS = 20
_NUMBERS: Final = 2**30
"""So many that hardly any two of 10,000 names have one; what is uploaded later has a larger one."""


@dataclass(frozen=True, slots=True)
class OwnPhotos:
    """The photos of a folder, the labels of its table in alphabetical order, and what there is to learn from."""

    photos: tuple[Photo, ...]
    labels: tuple[Label, ...]
    annotated: tuple[Annotated, ...]


def read_own_photos(folder: Path, annotations: Path, seed: int) -> OwnPhotos:
    """Read a folder of photos and its table (Name,Row,Column,Label); raises `InvalidInput`."""
    if not folder.is_dir():
        raise InvalidInput([Problem(str(folder), 0, 0, "no such folder")], remedy="Name the folder of your photos.")
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    sizes: dict[str, tuple[int, int]] = {}
    for name, path in found.items():
        try:
            sizes[name] = size_of(read_given(path))
        except NotAnImage:
            continue
    if not sizes:
        raise InvalidInput([Problem(str(folder), 0, 0, "no image is in this folder")])
    _check_names(folder, sizes)
    points = _read_points(annotations, sizes)
    codes = sorted({label for listed in points.values() for _, _, label in listed})
    label_ids = _numbers(codes)
    labels = tuple(Label(label_ids[code], code, code, "") for code in codes)
    photos = tuple(
        Photo(
            id=number,
            name=name,
            file=f"images/{random_name(seed, number)}{found[name].suffix.lower()}",
            width=sizes[name][0],
            height=sizes[name][1],
            load=partial(read_given, found[name]),
            status="confirmed" if name in points else "unclassified",
            annotations=partial(_annotations, points.get(name, ()), label_ids),
        )
        for name, number in _numbers(sizes).items()
    )
    annotated = tuple(
        Annotated(
            stored_picture(photo.file, photo.width, photo.height, photo.load),
            [(row, column) for row, column, _ in points[photo.name]],
            [label_ids[label] for _, _, label in points[photo.name]],
        )
        for photo in photos
        if photo.name in points
    )
    return OwnPhotos(photos, labels, annotated)


def _check_names(folder: Path, names: Iterable[str]) -> None:
    """Raise `InvalidInput` for names that a source cannot both have."""
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(in_database(name), name)
        if other != name:
            raise InvalidInput([Problem(str(folder), 0, 0, f"{other!r} and {name!r} are one name to CoralNet")])


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """A number for each name, the same one beside whatever others; of two that would have one, one has the next."""
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for name in names:
        number = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).digest()) % _NUMBERS + 1
        while number in taken:
            number += 1
        taken.add(number)
        numbers[name] = number
    return numbers


def _annotations(points: Sequence[tuple[int, int, str]], label_ids: Mapping[str, int]) -> list[Annotation]:
    return [Annotation(row, column, label_ids[label]) for row, column, label in points]


def _read_points(path: Path, sizes: dict[str, tuple[int, int]]) -> dict[str, list[tuple[int, int, str]]]:
    """The labelled points by image name, as (row, column, label)."""
    problems: list[Problem] = []
    points: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    try:
        text = read_given(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput([Problem(str(path), 0, 0, f"cannot be read: {error}")]) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    heading = [cell.strip().lower() for cell in next(reader, [])]
    if any(column not in heading for column in COLUMNS):
        message = f"the columns Name, Row, Column and Label are needed; the first line is {','.join(heading)!r}"
        raise InvalidInput([Problem(str(path), 1, 0, message)])
    places = [heading.index(column) for column in COLUMNS]
    for cells in reader:
        if not any(cells):
            continue
        try:
            name, row, column, label = (cells[place] for place in places)
            point = _point(name, row, column, sizes)
        except (IndexError, ValueError) as error:
            problems.append(Problem(str(path), reader.line_num, 0, str(error)))
            continue
        points[name].append((*point, label.strip()))
    if not points and not problems:
        problems.append(Problem(str(path), 0, 0, "no labelled point is in this table"))
    if problems:
        raise InvalidInput(problems[:_MOST_PROBLEMS])
    return points


def _point(name: str, row: str, column: str, sizes: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """One row's place, or ValueError with what is wrong with it."""
    if name not in sizes:
        raise ValueError(f"no image of the name {name!r} is in the folder")
    width, height = sizes[name]
    if not (row.strip().isdecimal() and column.strip().isdecimal()):
        raise ValueError(f"row {row!r} and column {column!r} must be whole numbers of 0 or more")
    place = int(row), int(column)
    if place[0] >= height or place[1] >= width:
        raise ValueError(f"row {place[0]}, column {place[1]} lies outside {name!r}, which is {width} x {height} pixels")
    return place
