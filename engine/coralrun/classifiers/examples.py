"""Labelled points as examples to learn from, photo by photo.

Rule: people's labels alone are learnt from, and each point counts once. What is left out is counted with its reason. A
name in the table means the photo whose path is that name or ends in it, and a file of one photo the photo whose path
its own ends in, as in a survey (`match_paths`); a name that two photos may have is a problem, never a guess, and so is
a photo that two files may mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from coralrun.errors import UsageError
from coralrun.planning.images import Extent, Point
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.name_match import end_of_address, match_paths
from coralrun.planning.near_names import near_misses

LEAST_EXAMPLES: Final = 5
"""Of a label that is to be learnt: as many as there are folds to calibrate by, so that each fold can have one."""


class Why(StrEnum):
    """Why a row is no example."""

    UNLABELLED = "no label"
    MACHINE = "a machine's label"
    UNSAID = "nothing says who gave the label"
    NO_PHOTO = "the photo is not in the folder"
    TWO_LABELS = "two labels at one point"
    TWICE = "the same point and label again"
    BAD_PHOTO = "the photo cannot be used"
    OUTSIDE = "outside the photo"
    OTHER_SIZE = "the photo has another size than the table was made on"
    RARE = f"fewer than {LEAST_EXAMPLES} examples of the label"


class Example(NamedTuple):
    """A point with its label's code: in units of `extent`, pixels where it is None; `place` is where its row stands."""

    point: Point
    code: str
    place: str = ""
    extent: Extent | None = None


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo, by its path below the folder, and its examples, in the order of rows, columns."""

    path: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """The photos that have examples, in the order of their paths; `ids` are CoralNet's ids of labels, by their codes.

    `missing` are names in the table without a photo, and `near` says which of them resemble one; `left_out` counts rows
    that are no examples.
    """

    photos: tuple[LabelledPhoto, ...]
    ids: Mapping[str, int]
    missing: tuple[str, ...]
    near: tuple[str, ...]
    left_out: Mapping[Why, int]


def gather(rows: Sequence[LabelledPoint], paths: Sequence[str]) -> Examples:
    """The examples in a table's rows, of the photos with these paths.

    Raises UsageError where a name may mean two photos, or a label has two ids.
    """
    left_out: Counter[Why] = Counter()
    path_of = _photos_of({row.name: row.paths for row in rows}, paths)
    code_of = _codes(rows)
    found: dict[str, dict[tuple[Point, Extent | None], dict[str, str]]] = {}
    for row in rows:
        why = _why_not(row, path_of)
        if why is None:
            at = Point(row.row, row.column), row.extent
            places = found.setdefault(path_of[row.name], {}).setdefault(at, {})
            code = row.label_code or code_of[row.label_id]
            left_out[Why.TWICE] += code in places
            places.setdefault(code, row.place)
        else:
            left_out[why] += 1
    photos = []
    for path, points in sorted(found.items()):
        single = [
            Example(point, code, place, extent)
            for (point, extent), places in points.items()
            for code, place in places.items()
            if len(places) == 1
        ]
        left_out[Why.TWO_LABELS] += sum(len(places) for places in points.values() if len(places) > 1)
        if single:
            photos.append(LabelledPhoto(path, tuple(sorted(single, key=lambda one: one.point))))
    missing = sorted({row.name for row in rows} - set(path_of))
    ids = {code: number for number, code in code_of.items() if number is not None}
    near = tuple(near_misses(missing, paths))
    return Examples(tuple(photos), ids, tuple(missing), near, {why: n for why, n in left_out.items() if n})


def rare(codes: Iterable[str]) -> dict[str, int]:
    """The labels with too few examples to be learnt, with how many they have."""
    return {code: count for code, count in sorted(Counter(codes).items()) if count < LEAST_EXAMPLES}


def _why_not(row: LabelledPoint, path_of: Mapping[str, str]) -> Why | None:
    if not row.is_labelled:
        return Why.UNLABELLED
    if row.is_machines:
        return Why.MACHINE
    if row.is_unsaid:
        return Why.UNSAID
    return None if row.name in path_of else Why.NO_PHOTO


def _photos_of(written: Mapping[str, Sequence[str]], paths: Sequence[str]) -> dict[str, str]:
    """The photos of the names in a table; `written` has beside each the paths that a file of one photo may mean."""
    exact = written.keys() & set(paths)
    found = {name: name for name in exact}
    found |= _of_files({name: may for name, may in written.items() if may and name not in exact}, paths)
    taken = set(found.values())
    left = {path: (path,) for path in paths if path not in taken}
    ends: dict[str, list[str]] = {}
    for name in sorted(written.keys() - found.keys()):
        ends.setdefault(end_of_address(name), []).append(name)
    for path, end in match_paths(left, ends).images.items():
        name = ends[end][0]
        if len(ends[end]) > 1:
            raise UsageError(
                f"`{name}` and `{ends[end][1]}` may both mean the photo `{path}`",
                remedy="Write the photos' paths below the folder into the table, in place of addresses.",
            )
        if name in found:
            raise UsageError(
                f"the name `{name}` may mean `{found[name]}` or `{path}`",
                remedy="Write the photos' paths below the folder into the table, or give a folder with one of them.",
            )
        found[name] = path
    return found


def _of_files(written: Mapping[str, Sequence[str]], paths: Sequence[str]) -> dict[str, str]:
    found = match_paths(written, paths).images
    by_photo: dict[str, str] = {}
    for name, path in found.items():
        other = by_photo.setdefault(path, name)
        if other != name:
            raise UsageError(
                f"`{other}` and `{name}` may both mean the photo `{path}`",
                remedy="Give the folder that holds the photos of both, in folders that are called as in these paths.",
            )
    return found


def _codes(rows: Iterable[LabelledPoint]) -> dict[int | None, str]:
    """The code of each id in the table: the one beside it, or the id itself where none is."""
    code_of: dict[int | None, str] = {}
    ids: dict[str, int] = {}
    for row in rows:
        if row.label_id is None or not row.label_code:
            continue
        code, number = code_of.setdefault(row.label_id, row.label_code), ids.setdefault(row.label_code, row.label_id)
        if (code, number) != (row.label_code, row.label_id):
            raise UsageError(
                f"a label's code and id do not go together: `{row.label_code}` {row.label_id}, but `{code}` {number}",
                remedy="Give each label one code and one id, or take the ids out of the table.",
            )
    for row in rows:
        if row.label_id is not None:
            code_of.setdefault(row.label_id, str(row.label_id))
    return code_of
