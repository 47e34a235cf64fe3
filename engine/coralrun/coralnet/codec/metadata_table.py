"""Tables of what is known of photos, as CoralNet takes them: which columns, which values, and what comes of one.

Rule: pure. CoralNet takes `01/02/2020` and a latitude of `abc` in silence, so every value is looked at here; a blank
cell erases, so what is not known is sent as it stands there. Nothing is confirmed that was not previewed as expected.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood

NAME: Final = "Name"
DATE: Final = "Date"
HEIGHT: Final = "Height (cm)"
LATITUDE: Final = "Latitude"
LONGITUDE: Final = "Longitude"
MOST_LETTERS: Final[Mapping[str, int]] = {
    LATITUDE: 20,
    LONGITUDE: 20,
    "Depth": 45,
    "Camera": 200,
    "Photographer": 45,
    "Water quality": 45,
    "Strobes": 200,
    "Framing gear used": 200,
    "White balance card": 200,
    "Comments": 1000,
}  # upload, observed
MOST_AUX_LETTERS: Final = 50
MOST_HEIGHT_CM: Final = 2_147_483_647
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROUGH = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
_DEGREES = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]+)?")
_RANGES: Final = {LATITUDE: 90.0, LONGITUDE: 180.0}

Rows = Mapping[str, Mapping[str, str]]
"""Values by the name of the photo, and by the column."""


def problem(column: str, value: str) -> str | None:
    """Why CoralNet would refuse a value, or keep what nobody meant; None where it would not."""
    if not value:
        return None
    if column == DATE:
        return None if _is_day(value) else "is no date such as 2024-06-12"
    if column == HEIGHT:
        is_height = value.isascii() and value.isdigit() and int(value) <= MOST_HEIGHT_CM
        return None if is_height else "is no whole number of centimetres"
    if column in _RANGES and (not _DEGREES.fullmatch(value) or abs(float(value)) > _RANGES[column]):
        return f"is no {column.lower()} in degrees"
    most = MOST_LETTERS.get(column, MOST_AUX_LETTERS)
    return None if len(value) <= most else f"has {len(value)} letters, and {most} are taken"


def is_rough(column: str, value: str) -> bool:
    """Whether a value is the year or the month of a date, which CoralNet does not take."""
    return column == DATE and _ROUGH.fullmatch(value) is not None


def _is_day(value: str) -> bool:
    try:
        return bool(_DAY.fullmatch(value)) and date.fromisoformat(value).year >= 1
    except ValueError:
        return False


def merged(known: Rows, wanted: Rows) -> dict[str, dict[str, str]]:
    """What to send: what is wanted, and what stands there wherever nothing is wanted; photos that change alone."""
    columns = tuple(dict.fromkeys(column for row in wanted.values() for column in row))
    whole = {
        name: {column: row.get(column, "") or known[name].get(column, "") for column in columns}
        for name, row in wanted.items()
        if name in known
    }
    return {name: row for name, row in whole.items() if any(known[name].get(key, "") != row[key] for key in columns)}


def encode(rows: Rows) -> bytes:
    """A table as it is sent; it ends with its last line, for CoralNet takes a blank one for a photo without a name."""
    columns = tuple(next(iter(rows.values())))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((NAME, *columns))
    writer.writerows((name, *(row[column] for column in columns)) for name, row in rows.items())
    return text.getvalue().removesuffix("\r\n").encode()


def check_preview(answer: Mapping[str, Any], rows: Rows, known: Rows) -> None:
    """Raise TableRefused unless CoralNet previews just what is meant; NotUnderstood for what is no preview."""
    table, details = answer.get("previewTable"), answer.get("previewDetails")
    if not isinstance(table, list) or not isinstance(details, dict):
        raise NotUnderstood("preview of metadata: no table")
    replaced = sum(
        known[name].get(column, "") not in ("", value) for name, row in rows.items() for column, value in row.items()
    )
    if details != {"numImages": len(rows), "numFieldsReplaced": replaced} or not _is_same(table, rows):
        raise TableRefused("the preview shows another table than was sent")


def _is_same(table: Sequence[Any], rows: Rows) -> bool:
    columns = (NAME, *next(iter(rows.values())))
    expected = [list(columns), *([name, *row.values()] for name, row in rows.items())]
    shown = [[cell[0] if isinstance(cell, list) and cell else cell for cell in line] for line in table]
    return sorted(map(str, shown[1:])) == sorted(map(str, expected[1:])) and shown[:1] == expected[:1]


def read_known(table: bytes) -> tuple[tuple[str, ...], dict[str, dict[str, str]]]:
    """The columns of CoralNet's own table but the name, and its rows by name; raises NotUnderstood."""
    try:
        lines = csv.reader(io.StringIO(table.decode("utf-8"), newline=""), strict=True)
        headings = next(lines, [])
        rows = {cells[0]: dict(zip(headings[1:], cells[1:], strict=True)) for cells in lines}
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError) as error:
        raise NotUnderstood("the metadata table of a source") from error
    if headings[:1] != [NAME] or len(set(map(str.lower, headings))) < len(headings):
        raise NotUnderstood("the metadata table of a source: its headings")
    return tuple(headings[1:]), rows
