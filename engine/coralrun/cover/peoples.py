"""Points that people labelled, counted as a run's are: what cover is made of where there is no classifier.

Rule: people's labels alone count, and of a review those of its audit, which chance drew. A place that stands twice on
an image with the same label of the same annotator is two points, because a design may draw a place twice; of two
labels, annotators or files the first counts. Whatever is left out is counted and said. A label is told by its id where
the file gives one, else by its code, whose upper and lower case make no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np

from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.name_match import parts
from coralrun.results.counts import LabelCounts
from coralrun.values.classified import Label, LabelKey
from coralrun.values.phrases import count

_SHOWN: Final = 5
_AUDIT: Final = "audit"
"""The set of a review that chance drew, as its table calls it."""


@dataclass(frozen=True, slots=True)
class PeoplesPoints:
    """The images of a file in its order, the counts of their points, and how many points each annotator labelled, ""
    for those of whom the file does not say; `notes` are what is to be said of what was left out."""

    names: tuple[str, ...]
    counts: LabelCounts
    annotators: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(self.counts.total.sum())

    @property
    def labelled_by(self) -> str:
        """Who labelled, as a clause."""
        named = [f"{name} ({points:,})" for name, points in self.annotators.items() if name]
        rest = self.annotators.get("", 0)
        if not named:
            return "people whose names are not given"
        return ", ".join([*named, *([f"not named ({rest:,})"] if rest else [])])


def points_of(rows: Sequence[LabelledPoint]) -> PeoplesPoints:
    """Count the points of a file that people labelled."""
    rows, picked = _drawn(_by_image(rows))
    kept, notes = _kept([row for row in rows if row.is_persons])
    labels, said = _labels(kept)
    images = {name: number for number, name in enumerate(dict.fromkeys(row.name for row in kept))}
    image = np.array([images[row.name] for row in kept], np.int64)
    known = tuple(sorted({label.key: label for label in labels}.values(), key=lambda label: label.order))
    place = {label.key: at for at, label in enumerate(known)}
    label_at = np.array([place[label.key] for label in labels], np.int64)
    cells, points = np.unique(image * len(known) + label_at, return_counts=True)
    each = points.astype(np.int32)
    counts = LabelCounts(
        labels=known,
        image=(cells // max(len(known), 1)).astype(np.int32),
        label=(cells % max(len(known), 1)).astype(np.int32),
        points=each,
        best=each,
        scores=each.astype(np.float64),
        total=np.bincount(image, minlength=len(images)).astype(np.int32),
        unassigned=np.zeros(len(images), np.int32),
    )
    annotators = Counter(row.annotator for row in kept)
    by_points = dict(sorted(annotators.items(), key=lambda item: (-item[1], item[0])))
    return PeoplesPoints(tuple(images), counts, by_points, (*picked, *_left_out(rows), *notes, *said))


def _by_image(rows: Sequence[LabelledPoint]) -> list[LabelledPoint]:
    """The rows by the names of their images: of a path its last part, or all of it where two paths share that."""
    paths = {row.paths[0] for row in rows if row.paths}
    shared = Counter(parts(path)[-1] for path in paths)
    names = {path: path if shared[parts(path)[-1]] > 1 else parts(path)[-1] for path in paths}
    return [replace(row, name=names[row.paths[0]]) if row.paths else row for row in rows]


def _drawn(rows: list[LabelledPoint]) -> tuple[list[LabelledPoint], list[str]]:
    """The rows of a review that its audit drew by chance, all of a file that is none; and what is to be said of it.

    What was picked where a machine is unsure would make cover of the rare and the doubtful.
    """
    if not any(row.set for row in rows):
        return rows, []
    drawn = [row for row in rows if row.set == _AUDIT]
    notes = []
    if len(drawn) < len(rows):
        left = len(rows) - len(drawn)
        notes.append(f"Points that no audit drew, as the column `set` says, are left out: {left:,}")
    if len({row.inclusion for row in drawn}) > 1:
        notes.append(
            "The audit drew with unequal probabilities, which are not used here: see the corrected cover of its run"
        )
    return drawn, notes


def _kept(people: Sequence[LabelledPoint]) -> tuple[list[LabelledPoint], list[str]]:
    """The rows that count, and what is to be said of the places that stand twice."""
    first: dict[tuple[str, int, int], LabelledPoint] = {}
    kept: list[LabelledPoint] = []
    second: list[tuple[LabelledPoint, LabelledPoint]] = []
    for row in people:
        before = first.setdefault((row.name, row.row, row.column), row)
        if _said(before) == _said(row):
            kept.append(row)
        else:
            second.append((row, before))
    notes = []
    if second:
        row, before = second[0]
        who = " and ".join(dict.fromkeys(one.annotator for one in (before, row) if one.annotator))
        notes.append(
            f"Second labels of points that have one already are left out, {len(second):,}: the first counts "
            f"(so `{row.name}`, {before.place} and not {row.place}{f', of {who}' if who else ''})"
        )
    repeated = len(kept) - len(first)
    if repeated:
        notes.append(
            f"{count(repeated, 'point')} on the place of another with the same label: each counts, as a design may "
            "draw a place twice"
        )
    sizes = {(row.name, row.extent) for row in kept}
    several = len(sizes) - len({name for name, _ in sizes})
    if several:
        notes.append(
            f"Photos of which two files give two sizes: {several:,}; two labels of one point cannot be told there"
        )
    return kept, notes


def _said(row: LabelledPoint) -> tuple[int | None, str, str, str]:
    return row.label_id, row.label_code, row.annotator, row.file


def _labels(rows: Sequence[LabelledPoint]) -> tuple[list[Label], list[str]]:
    """The label of each row, and what is to be said of their spelling."""
    spelt: dict[LabelKey, Counter[str]] = {}
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.label_id is not None and row.label_code:
            ids.setdefault(row.label_code.lower(), set()).add(row.label_id)
    keys: list[LabelKey] = []
    for row in rows:
        form = row.label_code.lower()
        of_code = ids.get(form, set())
        key: LabelKey = next(iter(of_code)) if row.label_id is None and len(of_code) == 1 else form
        key = key if row.label_id is None else row.label_id
        keys.append(key)
        spelt.setdefault(key, Counter())[row.label_code or str(row.label_id)] += 1
    labels = {
        key: Label(key if isinstance(key, int) else None, code, code)
        for key, (code, _) in ((key, codes.most_common(1)[0]) for key, codes in spelt.items())
    }
    several = {labels[key].code: codes for key, codes in spelt.items() if len(codes) > 1}
    if not several:
        return [labels[key] for key in keys], []
    alike = (
        f"`{code}` and {', '.join(f'`{other}` ({points:,})' for other, points in codes.items() if other != code)}"
        for code, codes in islice(several.items(), _SHOWN)
    )
    more = f"; and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return [labels[key] for key in keys], [f"Spellings that are taken for one label: {'; '.join(alike)}{more}"]


def _left_out(rows: Sequence[LabelledPoint]) -> Iterator[str]:
    """What is to be said of rows that are no person's label."""
    used = {row.name for row in rows if row.is_persons}
    machines = [row for row in rows if row.is_machines]
    columns = ", ".join(f"`{column}`" for column in dict.fromkeys(row.given_by_column for row in machines))
    for left, what in (
        ([row for row in rows if not row.is_labelled], "Points without a label"),
        (machines, f"Labels of a machine, as the column {columns} says,"),
        ([row for row in rows if row.is_unsaid], "Labels of which nobody says who gave them"),
    ):
        if left:
            images = len({row.name for row in left} & used)
            beside = f"; {count(images, 'photo')} with others of people count by these alone" if images else ""
            yield f"{what} are left out: {len(left):,}{beside}"
