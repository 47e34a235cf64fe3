"""Points that people labelled: a review that was filled in, an export of CoralNet or of another program, any table.

Rule: how a file is read stands in `point_rows`, as for points without labels. Every row is kept, also one without a
label, because a row that is not reviewed must be counted; a number of a label or of a point that cannot be read is a
problem at its line, never a guess. Who gave each label, a person or a machine, is read with it (see `labellers`). In a
table that coralrun wrote for people, the apostrophes are taken away that keep a spreadsheet from running a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from msgspec.structs import replace

from coralrun.errors import InvalidInput, Problem
from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.sources import archive, labellers
from coralrun.sources.alike import Alike
from coralrun.sources.lacking import OneOf, another_name
from coralrun.sources.point_rows import PointRow, PointRows, open_points
from coralrun.sources.reading import AS_USUAL, how_to_say
from coralrun.sources.table import NoSuchColumn, Problems, Warn, unheard
from coralrun.spec.model import Reading
from coralrun.values.addresses import as_name
from coralrun.values.numerals import whole
from coralrun.values.unknown import known, known_number

COLUMNS = {
    "Label": ("label_code", "label code", "label", "code", "human_label_code"),
    "Label ID": ("label_id", "label id", "human_label_id"),
    "Source": ("source",),
    "Point": ("point",),
    "Review": ("review_id",),
    "Set": ("set",),
    "Inclusion": ("inclusion_probability",),
    **labellers.HEADINGS,
    "Date": ("date annotated", "date"),
    "Comment": ("comment",),
}
"""The columns beside those of the places, and the headings that they go by."""

_TOOLBOX = frozenset({"annotation type", "patch size", "long label"})
_TOOLBOX_EMPTY = "review"
"""What the CoralNet-Toolbox writes for a point that nobody has labelled yet, into a column of labels, in any case."""

_TEXTS = ("Label", "Source", "Review", "Set", "Inclusion", "Annotator", "Date", "Comment")


def read_labelled(
    label: str, data: bytes, reading: Reading = AS_USUAL, warn: Warn = unheard
) -> tuple[LabelledPoint, ...]:
    """Read labelled points in the order of the file, or of the files in an archive; `label` is the file as its user
    named it.

    Raises InvalidInput with every problem, each at its line, also where no column holds labels.
    """
    if PurePosixPath(label).suffix.lower() != archive.ENDING:
        return _read(Problems(label, warn), data, reading, "")
    files = archive.unpack(label, data)
    found: list[LabelledPoint] = []
    problems: list[Problem] = []
    lacking: dict[str, list[Problem]] = {}
    alike = Alike(warn)
    for file, content in files.items():
        try:
            found += _read_of_several(Problems(file, alike.of(file)), content, reading, lacking)
        except InvalidInput as error:
            problems += error.problems
    if not files:
        problems = [Problem(label, 0, 0, "there is no file in it")]
    in_none = [(problem, column) for column, told in lacking.items() if len(told) == len(files) for problem in told]
    if in_none:
        raise NoSuchColumn(*zip(*in_none, strict=True))
    if problems:
        raise InvalidInput(problems)
    alike.tell()
    return tuple(found)


def _read_of_several(
    problems: Problems, data: bytes, reading: Reading, lacking: dict[str, list[Problem]]
) -> tuple[LabelledPoint, ...]:
    """Read one of several files. One without the heading that was given for a column is read by the usual ones, for the
    heading may be that of the others: `lacking` tells of each that it has not."""
    while True:
        try:
            return _read(problems, data, reading, problems.label)
        except NoSuchColumn as error:
            for column, problem in error.by_column:
                lacking.setdefault(column, []).append(problem)
            columns = {column: own for column, own in reading.columns.items() if column not in error.columns}
            reading = replace(reading, columns=columns)


def _read(problems: Problems, data: bytes, reading: Reading, file: str) -> tuple[LabelledPoint, ...]:
    no_label = f"there is no column of labels: name it `label_code` or `label_id`{another_name(reading, 'Label')}"
    opened = open_points(problems, data, reading, COLUMNS, (OneOf(("Label", "Label ID"), no_label),))
    columns = opened.columns
    if opened.sheets_left and reading.sheet is None:
        left = ", ".join(f"`{sheet}`" for sheet in opened.sheets_left)
        say = how_to_say(reading, "sheet", "...")
        raise problems.refusal(0, f"the workbook has other sheets that hold something ({left}): say which, by {say}")
    if "Label" not in columns and "Label ID" not in columns:
        raise problems.refusal(1, "it has no labels")
    heading = opened.header[columns["Label" if "Label" in columns else "Label ID"]] if opened.header else ""
    who = labellers.Columns(opened.header, columns, heading)
    is_toolbox = {heading.lower() for heading in opened.header} >= _TOOLBOX
    found = []
    for row in opened.rows:
        cells = list(map(plain_cell, row.cells) if who.of_people else row.cells)
        if is_toolbox and cells[columns["Label"]].lower() == _TOOLBOX_EMPTY:
            cells[columns["Label"]] = ""
        point = _point(problems, row, cells, opened, who, file)
        if point is not None:
            found.append((point, who.said(cells, labellers.SUGGESTION)))
    problems.raise_if_any()
    return labellers.without_leftovers(found, who)


def _point(
    problems: Problems, row: PointRow, cells: Sequence[str], opened: PointRows, who: labellers.Columns, file: str
) -> LabelledPoint | None:
    """One row's point; None, with the problems noted, where it has any."""
    columns = opened.columns
    numbers: dict[str, int | None] = {}
    complaints = []
    for heading in ("Label ID", "Point"):
        cell = cells[columns[heading]] if heading in columns else ""
        numbers[heading] = whole(cell) if cell else None
        if numbers[heading] is None and known_number(cell):
            complaints.append(f"the {heading.lower()} `{cell[:20]}` is not a whole number from 0")
    for complaint in complaints:
        problems.add(row.line, complaint)
    if complaints:
        return None
    text = {heading: _text(heading, cells[columns[heading]]) if heading in columns else "" for heading in _TEXTS}
    given_by, column = labellers.giver_of(text["Label"], numbers["Label ID"], cells, who)
    name = as_name(cells[columns["Name"]]) if "Name" in columns else opened.paths[0]
    return LabelledPoint(
        line=row.line,
        name=name,
        row=row.row,
        column=row.column,
        label_code=text["Label"],
        label_id=numbers["Label ID"],
        source=text["Source"],
        point=numbers["Point"],
        review_id=text["Review"],
        set=text["Set"],
        inclusion=_probability(text["Inclusion"]),
        annotator=text["Annotator"],
        date=text["Date"],
        comment=text["Comment"],
        given_by=given_by,
        given_by_column=column,
        file=file,
        extent=opened.extent,
        paths=opened.paths,
    )


def _text(heading: str, cell: str) -> str:
    """A cell in words, "" where it is not known; a label may be called anything."""
    return cell if heading == "Label" or (cell and known(cell)) else ""


def _probability(cell: str) -> float | None:
    """A probability; None for anything else, because nobody fills this in and a spreadsheet may have changed it."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 < value <= 1 else None
