"""Tables of points as other programs write them: Squidle+, BIIGLE and TagLab, put into our columns.

Rule: a program is known by headings that no other table has. Its numbers of labels are its own, so they are never read
as a service's. What is in its table and is no point (a region, a shape, a label of a whole photo) is left out and
counted. A place between two pixels is the pixel that it lies in.

BIIGLE: the CSV report of image annotations (its manual, "Reports schema"), `points` as JSON `[x, y]`. TagLab: the table
of annotations, of which those of the type `Points` are points. Squidle+: an export of annotations, in fractions of the
sides; a label of a whole photo has no `point.x`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.sources.separated import Record
from coralrun.values.numerals import finite

Row = Mapping[str, str]
"""The cells of a row by their headings, in lower case."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program's tables: the headings that all have, what our columns are called in them, those that are `made` of
    others, row by row or None where the row is no point (`others`), and those of ours that no heading of theirs is."""

    name: str
    marks: frozenset[str]
    columns: Mapping[str, str]
    made: Mapping[str, str]
    make: Callable[[Row], tuple[str, ...] | None]
    others: str
    not_ours: frozenset[str] = frozenset({"Label ID"})

    def places(self, headings: Sequence[str]) -> dict[str, int]:
        """Where our columns stand in a table of these headings, in lower case, with the made ones behind them."""
        there = {ours: headings.index(theirs) for ours, theirs in self.columns.items() if theirs in headings}
        return there | {ours: len(headings) + at for at, ours in enumerate(self.made)}

    def rows(
        self, headings: Sequence[str], rows: Iterator[Record], left: Callable[[int, int], None]
    ) -> Iterator[Record]:
        """The rows that are points, the made cells behind the others; at the end `left` gets how many are none, and
        how many are points."""
        points = others = 0
        for line, cells in rows:
            made = self.make(dict(zip(headings, cells, strict=True)))
            if made is None:
                others += 1
            else:
                points += 1
                yield line, [*cells, *made]
        if others:
            left(others, points)


def _squidle(row: Row) -> tuple[str, ...] | None:
    return () if row["point.x"] or row["point.y"] else None


def _biigle(row: Row) -> tuple[str, ...] | None:
    if row["shape_name"].lower() != "point":
        return None
    x, y = _pair(row["points"])
    return _pixel(y), _pixel(x), f"{row.get('firstname', '')} {row.get('lastname', '')}".strip()


def _taglab(row: Row) -> tuple[str, ...] | None:
    if row.get("taglab type", "").lower() not in ("points", ""):
        return None
    label = row["taglab class name"]
    place = _pixel(row["taglab centroid y"]), _pixel(row["taglab centroid x"])
    return *place, "" if label.lower() == "empty" else label


def _pair(text: str) -> tuple[str, str]:
    """The two numbers of `[x, y]` as text; the whole text twice where it is none, to be complained of."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    is_pair = isinstance(found, list) and len(found) == 2 and all(type(part) in (int, float) for part in found)
    return (str(found[0]), str(found[1])) if is_pair else (text, text)


def _pixel(text: str) -> str:
    """The pixel that a place lies in; the text as it is where it is no place."""
    value = finite(text)
    return str(int(value)) if value is not None and value >= 0 else text


PROGRAMS: Final = (
    Program(
        "Squidle+",
        frozenset({"point.x", "point.y"}),
        {"Name": "point.media.key", "Row": "point.y", "Column": "point.x", "Label": "label.name",
         "Annotator": "user.username", "Date": "updated_at"},
        {},
        _squidle,
        "labels of whole photos",
    ),
    Program(
        "BIIGLE",
        frozenset({"label_hierarchy", "shape_name", "points", "filename"}),
        {"Name": "filename", "Label": "label_name", "Date": "created_at"},
        {"Row": "row", "Column": "column", "Annotator": "firstname lastname"},
        _biigle,
        "shapes",
    ),
    Program(
        "TagLab",
        frozenset({"taglab class name", "taglab centroid x", "taglab centroid y"}),
        {"Name": "image name", "Date": "taglab date", "Comment": "taglab note"},
        {"Row": "row", "Column": "column", "Label": "taglab class name"},
        _taglab,
        "regions",
    ),
)  # fmt: skip


def program_of(headings: Sequence[str]) -> Program | None:
    """The program that writes tables of these headings, in lower case; None for any other table."""
    return next((program for program in PROGRAMS if program.marks <= set(headings)), None)
