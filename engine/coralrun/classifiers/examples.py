"""Labelled points as examples to learn from, photo by photo.

Rule: people's labels alone are learnt from, and each point counts once. What is left out is counted with its reason. A
name in the table means the photo whose path is that name or ends in it; a name that two photos may have is a problem,
never a guess.
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
from coralrun.planning.name_match import match_paths

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

    `missing` are names in the table without a photo; `left_out` counts rows that are no examples.
    """

    photos: tuple[LabelledPhoto, ...]
    ids: Mapping[str, int]
    missing: tuple[str, ...]
    left_out: Mapping[Why, int]


def gather(rows: Sequence[LabelledPoint], paths: Sequence[str]) -> Examples:
    """The examples in a table's rows, of the photos with these paths.

    Raises UsageError where a name may mean two photos, or a label has two ids.
    """
    left_out: Counter[Why] = Counter()
    path_of = _photos_of({row.name for row in rows}, paths)
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
    return Examples(tuple(photos), ids, tuple(missing), {why: n for why, n in left_out.items() if n})


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


def _photos_of(names: set[str], paths: Sequence[str]) -> dict[str, str]:
    exact = names & set(paths)
    left = {path: (path,) for path in paths if path not in exact}
    found = {name: name for name in exact}
    for path, name in match_paths(left, names - exact).images.items():
        if name in found:
            raise UsageError(
                f"the name `{name}` may mean `{found[name]}` or `{path}`",
                remedy="Write the photos' paths below the folder into the table, or give a folder with one of them.",
            )
        found[name] = path
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
