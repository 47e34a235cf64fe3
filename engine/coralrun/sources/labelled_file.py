"""Points that people labelled: a review that was filled in, CoralNet's annotation export, or any table like them.

Rule: every row is kept, also one without a label, because a row that is not reviewed must be counted; a number of a
label or of a point that cannot be read is a problem at its line, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coralrun.plan.labelled import LabelledPoint
from coralrun.sources.table import NAME_HEADINGS, Problems, read_table, whole

_NEEDED = {
    "Name": NAME_HEADINGS,
    "Row": ("row", "y"),
    "Column": ("column", "col", "x"),
}
_OPTIONAL = {
    "Label": ("label_code", "label code", "label", "code", "human_label_code"),
    "Label ID": ("label_id", "label id", "human_label_id"),
    "Source": ("source",),
    "Point": ("point",),
    "Review": ("review_id",),
    "Set": ("set",),
    "Inclusion": ("inclusion_probability",),
    "Annotator": ("annotator",),
    "Date": ("date annotated", "date"),
    "Comment": ("comment",),
}
_TEXTS = ("Label", "Source", "Review", "Set", "Inclusion", "Annotator", "Date", "Comment")


def read_labelled(label: str, data: bytes) -> tuple[LabelledPoint, ...]:
    """Read labelled points in the order of the file; `label` is the file as its user named it.

    Raises InvalidInput with every problem, each at its line, also where no column holds labels.
    """
    problems = Problems(label)
    table = read_table(problems, data, needed=_NEEDED, optional=_OPTIONAL)
    columns = table.columns
    if "Label" not in columns and "Label ID" not in columns:
        raise problems.refusal(1, "there is no column of labels: name it `label_code` or `label_id`")
    found = [point for line, cells in table.rows if (point := _point(problems, line, cells, columns)) is not None]
    problems.raise_if_any()
    return tuple(found)


def _point(problems: Problems, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> LabelledPoint | None:
    """One row's point; None, with the problems noted, where it has any."""
    name = cells[columns["Name"]]
    complaints = [] if name else ["there is no image name"]
    numbers: dict[str, int | None] = {}
    for heading in ("Row", "Column", "Label ID", "Point"):
        cell = cells[columns[heading]] if heading in columns else ""
        numbers[heading] = whole(cell)
        if numbers[heading] is None and (cell or heading in _NEEDED):
            complaints.append(f"the {heading.lower()} `{cell[:20]}` is not a whole number from 0")
    for complaint in complaints:
        problems.add(line, complaint)
    row, column = numbers["Row"], numbers["Column"]
    if complaints or row is None or column is None:
        return None
    text = {heading: cells[columns[heading]] if heading in columns else "" for heading in _TEXTS}
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
