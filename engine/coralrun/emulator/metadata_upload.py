"""The pages by which what is known of photos comes into a source: a table is previewed, then confirmed.

Rule: what was previewed waits in the session, for one source; a table that is refused leaves the one before it there,
and that is what a confirmation then writes (upload, observed). A blank cell erases, a name that no photo has is passed
over, a date may be written in several ways, and a coordinate is any text.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

from coralrun.emulator.messages import Reply, Request, json_reply
from coralrun.emulator.multipart import Part, parts_of
from coralrun.emulator.previewed import Previewed
from coralrun.emulator.site import DETAILS, Photo, Site, Source
from coralrun.emulator.uploads import Uploads

NOT_CSV = "CSV file: This file is not a CSV file."
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")
_MOST_CM = 2_147_483_647
_MOST_LETTERS = {
    "Latitude": 20,
    "Longitude": 20,
    "Depth": 45,
    "Camera": 200,
    "Photographer": 45,
    "Water quality": 45,
    "Strobes": 200,
    "Framing gear used": 200,
    "White balance card": 200,
    "Comments": 1000,
}
_OF_AUX = 50

Row = dict[str, str]


class Refused(Exception):
    """A table is not taken; the message is CoralNet's."""


class MetadataUpload:
    """The tables that wait in sessions."""

    def __init__(self, site: Site, uploads: Uploads) -> None:
        self._site = site
        self._uploads = uploads
        self._previewed = Previewed[dict[str, Row]]()

    def preview(self, request: Request, source: Source) -> Reply:
        """Look at a table, and let it wait in the session."""
        refused = self._uploads.refusal(request, source)
        if refused is not None:
            return refused
        try:
            columns, rows = _read(source, parts_of(request).get("csv_file"))
        except Refused as error:
            return json_reply({"error": str(error)})
        self._previewed.keep(request, source, rows)
        by_name = {photo.name: _known(source, photo) for photo in source.photos}
        table: list[list[object]] = [list(columns)]
        replaced = 0
        for name, row in rows.items():
            cells: list[object] = []
            for column in columns:
                new, old = row[column], by_name[name].get(column, "")
                is_replaced = column != "Name" and old not in ("", new)
                replaced += is_replaced
                cells.append([new, old] if is_replaced else new)
            table.append(cells)
        details = {"numImages": len(rows), "numFieldsReplaced": replaced}
        return json_reply({"success": True, "previewTable": table, "previewDetails": details})

    def confirm(self, request: Request, source: Source) -> Reply:
        """Write what waits in the session."""
        refused = self._uploads.refusal(request, source)
        if refused is not None:
            return refused
        taken = self._previewed.take(request, source)
        if not isinstance(taken, tuple):
            return taken
        (rows,) = taken
        photos = tuple(
            _with(source, photo, rows[photo.name]) if photo.name in rows else photo for photo in source.photos
        )
        self._site.put(replace(source, photos=photos))
        return json_reply({"success": True})


def _read(source: Source, file: Part | None) -> tuple[list[str], dict[str, Row]]:
    """The columns of a table that are known, and its rows for photos that are there; raises Refused."""
    if file is None or not (file.kind == "text/csv" or (file.filename or "").endswith(".csv")):
        raise Refused(NOT_CSV)
    lines = csv.reader(io.StringIO(file.content.decode("utf-8-sig", errors="replace"), newline=""))
    known = {name.lower(): name for name in ("Name", "Date", *source.aux_names, *DETAILS)}
    headings = [known.get(heading.strip().lower()) for heading in next(lines, [])]
    if "Name" not in headings:
        raise Refused("CSV must have a column called Name")
    columns = list(dict.fromkeys(heading for heading in headings if heading is not None))
    rows: dict[str, Row] = {}
    for number, cells in enumerate(lines, start=2):
        row = {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False) if heading is not None}
        name = row.get("Name", "")
        if not name:
            raise Refused(f"CSV row {number}: Must have a value for Name")
        if name in rows:
            raise Refused(f"More than one row with the same Name: {name}")
        rows[name] = {column: row.get(column, "") for column in columns}
    names = {photo.name for photo in source.photos}
    found = {name: row for name, row in rows.items() if name in names}
    if not found:
        raise Refused("No matching filenames found in the source")
    for name, row in found.items():
        for column, value in row.items():
            row[column] = _valid(source, name, column, value)
    return columns, found


def _valid(source: Source, name: str, column: str, value: str) -> str:
    """A value as it is kept; raises Refused."""
    if not value or column == "Name":
        return value
    where = f"({name} - {column})"
    if column == "Date":
        for form in _DATES:
            try:
                return datetime.strptime(value, form).date().isoformat()
            except ValueError:
                continue
        raise Refused(f"{where} Enter a valid date.")
    if column == "Height (cm)":
        if not value.isdecimal() or int(value) > _MOST_CM:
            raise Refused(f"{where} Enter a whole number.")
        return value
    most = _OF_AUX if column in source.aux_names else _MOST_LETTERS[column]
    if len(value) > most:
        raise Refused(f"{where} Ensure this value has at most {most} characters (it has {len(value)}).")
    return value


def _known(source: Source, photo: Photo) -> Row:
    return {"Date": photo.date or "", **dict(zip(source.aux_names, photo.aux, strict=True)), **photo.details}


def _with(source: Source, photo: Photo, row: Row) -> Photo:
    known = {**_known(source, photo), **row}
    aux = tuple(known[name] for name in source.aux_names)
    details = {key: known[key] for key in DETAILS if known.get(key)}
    return replace(photo, date=known["Date"] or None, aux=aux, details=details)
