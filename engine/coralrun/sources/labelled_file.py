"""Points that people labelled: a review that was filled in, CoralNet's annotation export, or any table like them.

Rule: every row is kept, also one without a label, because a row that is not reviewed must be counted; a number of a
label or of a point that cannot be read is a problem at its line, never a guess. Who gave each label, a person or a
machine, is read with it (see `labellers`). In a table that coralrun wrote for people, the apostrophes are taken away
that keep a spreadsheet from running a cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.sources import labellers, point_columns
from coralrun.sources.table import NAME_HEADINGS, Problems, read_table
from coralrun.values.numerals import whole
from coralrun.values.unknown import known, known_number

_NEEDED = {
    "Name": NAME_HEADINGS,
    **point_columns.NEEDED,
}
_OPTIONAL = {
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
_TOOLBOX = frozenset({"annotation type", "patch size", "long label"})
_TOOLBOX_EMPTY = "review"
"""What the CoralNet-Toolbox writes for a point that nobody has labelled yet, into a column of labels, in any case."""

_TEXTS = ("Label", "Source", "Review", "Set", "Inclusion", "Annotator", "Date", "Comment")


def read_labelled(label: str, data: bytes) -> tuple[LabelledPoint, ...]:
    """Read labelled points in the order of the file; `label` is the file as its user named it.

    Raises InvalidInput with every problem, each at its line, also where no column holds labels.
    """
    problems = Problems(label)
    table = read_table(problems, data, needed=_NEEDED, optional=_OPTIONAL)
    row, column = point_columns.places(problems, table)
    columns = {**table.columns, "Row": row, "Column": column}
    if table.sheets_left:
        left = ", ".join(f"`{sheet}`" for sheet in table.sheets_left)
        message = f"the workbook has other sheets that hold something ({left}): keep that of the labels alone"
        raise problems.refusal(0, f"{message}, or save it as CSV")
    if "Label" not in columns and "Label ID" not in columns:
        raise problems.refusal(1, "there is no column of labels: name it `label_code` or `label_id`")
    heading = table.header[columns["Label"] if "Label" in columns else columns["Label ID"]]
    who = labellers.Columns(table.header, columns, heading)
    is_toolbox = {heading.lower() for heading in table.header} >= _TOOLBOX
    found = []
    for line, cells in table.rows:
        if who.of_people:
            cells = [plain_cell(cell) for cell in cells]
        if is_toolbox and cells[columns["Label"]].lower() == _TOOLBOX_EMPTY:
            cells[columns["Label"]] = ""
        point = _point(problems, line, cells, columns)
        if point is not None:
            found.append((labellers.with_giver(point, cells, who), who.said(cells, labellers.SUGGESTION)))
    problems.raise_if_any()
    return labellers.without_leftovers(found, who)


def _point(problems: Problems, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> LabelledPoint | None:
    """One row's point; None, with the problems noted, where it has any."""
    name = cells[columns["Name"]]
    complaints = [] if name else ["there is no image name"]
    numbers: dict[str, int | None] = {}
    for heading in ("Row", "Column", "Label ID", "Point"):
        cell = cells[columns[heading]] if heading in columns else ""
        numbers[heading] = whole(cell)
        if numbers[heading] is None and (known_number(cell) or heading in _NEEDED):
            complaints.append(f"the {heading.lower()} `{cell[:20]}` is not a whole number from 0")
    for complaint in complaints:
        problems.add(line, complaint)
    row, column = numbers["Row"], numbers["Column"]
    if complaints or row is None or column is None:
        return None
    text = {heading: cells[columns[heading]] if heading in columns else "" for heading in _TEXTS}
    text = {heading: cell if heading == "Label" or known(cell) else "" for heading, cell in text.items()}
    return LabelledPoint(
        line=line,
        name=name,
        row=row,
        column=column,
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
    )


def _probability(cell: str) -> float | None:
    """A probability; None for anything else, because nobody fills this in and a spreadsheet may have changed it."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 < value <= 1 else None
