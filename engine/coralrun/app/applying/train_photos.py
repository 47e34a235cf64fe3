"""The photos of a training: which there are, where their labelled points are on them, and what an extractor sees there.

Rule: where points are is known of all photos before anything is computed, because a table of other sizes shows in many
of them; and a row that is not learnt from is told by where it stands in its file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coralrun.app.reporter import Reporter
from coralrun.classifiers.examples import LabelledPhoto
from coralrun.classifiers.kept_features import Kept, KeptFeatures
from coralrun.classifiers.photo import BadPhoto
from coralrun.classifiers.placing import Placed, in_corner, in_doubt, placed
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.limits import MAX_PHOTO_BYTES
from coralrun.parallel import parallel_map
from coralrun.planning.images import Size
from coralrun.sources.folder_photo import raw_size
from coralrun.values.ids import sha256_hex
from coralrun.values.phrases import count, percent

OTHER_PHOTOS: Final = "Give the folder of the photos that were labelled, as they were labelled."
_LEAST_DOUBTED: Final = 3


@dataclass(frozen=True, slots=True)
class BadPhotoFound:
    """A photo that cannot be used, and how many examples are lost with it."""

    path: str
    why: str
    examples: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo's digest, and the vectors of its points."""

    photo: Placed
    sha256: str
    vectors: Kept


def photos_below(root: Path) -> list[str]:
    """The paths of all files below a folder, with forward slashes; hidden ones and links are passed over."""
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder", remedy="Name the folder of the photos that were labelled.")
    found = []
    for at, folders, files in os.walk(root):
        below = Path(at).relative_to(root)
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [(below / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(path for path in found if not (root / path).is_symlink())


def place_all(root: Path, photos: Sequence[LabelledPhoto], reporter: Reporter) -> list[Placed | BadPhotoFound]:
    """Where the points of photos are, in their order."""

    def place(photo: LabelledPhoto) -> Placed | BadPhotoFound:
        try:
            size = Size(*raw_size(root / photo.path))
        except OSError as error:
            return BadPhotoFound(photo.path, str(error.strerror or error), len(photo.examples))
        if not size.width:
            return BadPhotoFound(photo.path, "not an image", len(photo.examples))
        return placed(photo, size)

    found = []
    for number, one in enumerate(parallel_map(place, photos, os.cpu_count() or 1), 1):
        reporter.doing("reading the sizes of photos", number, len(photos))
        found.append(one)
    return found


def doubts(labels: Path, photos: Sequence[Placed]) -> tuple[str, ...]:
    """What is to be feared of where all points are; raises UsageError where most photos have rows outside."""
    doubted = in_doubt(photos)
    if doubted >= _LEAST_DOUBTED and doubted > len(photos) / 2:
        first = outside_lines(labels, photos)[0]
        raise UsageError(
            f"{labels}: {doubted:,} of {count(len(photos), 'photo')} have points outside them: the table was made on "
            f"other sizes of the photos, and its other points are elsewhere too. The first: {first}",
            remedy=OTHER_PHOTOS,
        )
    said = []
    if doubted:
        said.append(
            f"{doubted:,} of {count(len(photos), 'photo')} have points outside them. If the table was made on other "
            "sizes of the photos, the points of the others are elsewhere too: look before you use the classifier"
        )
    corner = in_corner(photos)
    if corner is not None:
        said.append(
            f"all points are in the upper left of their photos, {percent(corner[0])} of the height and "
            f"{percent(corner[1])} of the width. If smaller copies were labelled, train on those"
        )
    return tuple(said)


def outside_lines(labels: Path, photos: Sequence[Placed]) -> list[str]:
    """The rows that are on no pixel of their photo, each with where it stands."""
    return [
        f"{labels.name}, {row.place}: row {row.point.row:,}, column {row.point.column:,} is outside {photo.path}, "
        f"which is {photo.size.width:,} pixels wide and {photo.size.height:,} high"
        for photo in photos
        for row in photo.outside
        if not photo.is_other_size
    ] + [
        f"{photo.path}, {photo.size.width:,} pixels wide and {photo.size.height:,} high, has another size than "
        f"{labels.name} was made on (the first of its rows: {photo.outside[0].place})"
        for photo in photos
        if photo.is_other_size
    ]


def look_at(
    root: Path, photos: Sequence[Placed], kept: KeptFeatures, reporter: Reporter
) -> Iterator[Seen | BadPhotoFound]:
    """The vectors of photos, in their order, as many at once as there are cores."""

    def look(photo: Placed) -> Seen | BadPhotoFound:
        try:
            data = read_given(root / photo.path, MAX_PHOTO_BYTES)
            return Seen(photo, sha256_hex(data), kept.of(data, photo.points))
        except OSError as error:
            why = str(error.strerror or error)
        except BadPhoto as error:
            why = error.fault.value.replace("-", " ")
        return BadPhotoFound(photo.path, why, len(photo.points))

    for number, one in enumerate(parallel_map(look, photos, os.cpu_count() or 1), 1):
        reporter.doing("looking at photos", number, len(photos))
        yield one
