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
from typing import Final

from coralrun.errors import UsageError
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Point
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
    RARE = f"fewer than {LEAST_EXAMPLES} examples of the label"


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo, by its path below the folder, and its points with their labels' codes, in the order of rows, columns."""

    path: str
    points: tuple[Point, ...]
    codes: tuple[str, ...]


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
    found: dict[str, dict[Point, set[str]]] = {}
    for row in rows:
        why = _why_not(row, path_of)
        if why is None:
            codes = found.setdefault(path_of[row.name], {}).setdefault(Point(row.row, row.column), set())
            left_out[Why.TWICE] += _code(row) in codes
            codes.add(_code(row))
        else:
            left_out[why] += 1
    photos = []
    for path, points in sorted(found.items()):
        single = sorted((point, code) for point, codes in points.items() if len(codes) == 1 for code in codes)
        left_out[Why.TWO_LABELS] += sum(len(codes) for codes in points.values() if len(codes) > 1)
        if single:
            photos.append(LabelledPhoto(path, tuple(point for point, _ in single), tuple(code for _, code in single)))
    missing = sorted({row.name for row in rows} - set(path_of))
    return Examples(tuple(photos), _ids(rows), tuple(missing), {why: n for why, n in left_out.items() if n})


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


def _code(row: LabelledPoint) -> str:
    return row.label_code or str(row.label_id)


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


def _ids(rows: Iterable[LabelledPoint]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for row in rows:
        if row.is_labelled and row.label_id is not None and ids.setdefault(_code(row), row.label_id) != row.label_id:
            raise UsageError(
                f"the label `{_code(row)}` has the ids {ids[_code(row)]} and {row.label_id}",
                remedy="Give each label one id, or take the ids out of the table.",
            )
    return ids
