"""`coralnet-annotations`: the points as CoralNet exports annotations, for every tool that reads its exports.

Source of the columns: `coralnet-protocol`, section 11, with label format "Both" and all optional columns. A point has
the classifier's best label, or that of a person who reviewed it; the annotator says which. Confidences are whole
percent, rounded as CoralNet rounds (Python's `round`: halves to even). `Date annotated` is when the result came: an
exception to R7 (`tables.BY_CHANCE`), because that is what the column says in CoralNet. Any date that were the same for
two runs would be untrue, and none at all is a form that CoralNet never writes and its readers need not take.

A trap, noted where it opens: many readers (pandas, and with it the CoralNet-Toolbox) take cells such as NA and None
for empty, and drop the points of a label with such a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coralrun.exports.coralnet_columns import Columns, metadata_columns
from coralrun.exports.model import Export, ExportOptions, PersonsLabel, Results, closed_at
from coralrun.files.written import Csv
from coralrun.limits import TOP_SCORES
from coralrun.values.classified import ScoredPoint

TABLE = Csv("coralnet-annotations", is_for_people=False)

POINT_COLUMNS = (
    "Row",
    "Column",
    "Label code",
    "Label ID",
    "Annotator",
    "Date annotated",
    *(f"Machine {what} {rank}" for rank in range(1, TOP_SCORES + 1) for what in ("suggestion", "confidence")),
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
READ_AS_EMPTY = frozenset(
    {"#N/A", "#NA", "-NaN", "-nan", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "<NA>"}
)
"""Codes that pandas.read_csv takes for an empty cell (`keep_default_na`), as far as CoralNet's codes can spell them."""


def make(results: Results, options: ExportOptions) -> Export:
    """Write the annotations of a run."""
    return export(results, metadata_columns(results.plan.fields))


def export(results: Results, columns: Columns, table: Csv = TABLE) -> Export:
    """Write the annotations of a run with these metadata columns."""
    notes: list[str] = []
    if columns.left_out:
        notes.append(f"CoralNet has five auxiliary fields; left out: {', '.join(columns.left_out)}")
    return Export(_parts(results, columns, notes, table), notes)


def _parts(results: Results, columns: Columns, notes: list[str], table: Csv) -> Iterator[bytes]:
    yield table.lines([("Name", *columns.names, *POINT_COLUMNS)])
    annotator = f"coralrun classifier {results.plan.classifier.id}"
    done_at = closed_at(results.state)
    codes: set[str] = set()
    for number, points in results.points():
        image = results.plan.images[number]
        known = (image.name, *columns.cells(image))
        date = coralnet_time(done_at[number])
        rows = []
        for place, point in enumerate(points):
            person = results.people.get((number, place))
            rows.append((*known, *_cells(point, person, annotator, date)))
            codes.add(point.classifications[0].label_code if person is None else person.code)
        yield table.lines(rows)
    emptied = sorted(codes & READ_AS_EMPTY)
    if emptied:
        notes.append(
            f"many programs read the label code {', '.join(emptied)} as an empty cell, and drop its points: "
            "tell them not to (pandas: keep_default_na=False)"
        )


def _cells(point: ScoredPoint, person: PersonsLabel | None, annotator: str, date: str) -> Sequence[object]:
    best = point.classifications[0]
    label: tuple[object, ...] = (best.label_code, best.label_id, annotator, date)
    if person is not None:
        number = "" if person.id is None else person.id
        label = (person.code, number, person.annotator, coralnet_time(person.date))
    cells: list[object] = [point.row, point.column, *label]
    for found in point.classifications:
        cells += [found.label_code, percent(found.score)]
    return cells + [""] * (len(POINT_COLUMNS) - len(cells))


def percent(score: float) -> int:
    """A score in whole percent, as CoralNet rounds it (`int(round(100*score))`)."""
    return round(100 * score)


def coralnet_time(at: str) -> str:
    """A time as CoralNet's exports write it: 2020-09-13T05:20:27Z is 2020-09-13 05:20:27+00:00, a day its midnight."""
    if _DAY.fullmatch(at):
        return f"{at} 00:00:00+00:00"
    return at.replace("T", " ").replace("Z", "+00:00")
