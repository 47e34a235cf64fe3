"""Tables as people have them, cut into rows of cells: CSV, TSV, Excel, Parquet, JSON lines.

Rule: the format follows from the file's name, and a file that is another inside is refused by name. Every cell leaves
here as text with the blanks around it removed, so that whoever reads a column need not know where it came from. A row
carries the number by which its owner finds it: a line in a text, a row in a workbook, an item in the other two.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.sources.text import decoded

Record = tuple[int, list[str]]
"""A row's number, from 1, and its cells."""

_DELIMITERS = (",", "\t", ";")  # the last is what a spreadsheet writes where the comma is the decimal mark
_WORKBOOK_MOST_BYTES = 1_000_000_000  # unpacked; a workbook has at most 1,048,576 rows
_MIDNIGHT = time()
_SEPARATOR = re.compile(r"\"?sep=([,;\t|])\"?[\r\n]")
_SNIFFED_BYTES = 1000


def records(label: str, data: bytes, encoding: str | None) -> Iterator[Record]:
    """The rows of a table that are not empty, the header first; `encoding` as in `decoded`.

    Raises InvalidInput at the row that cannot be read.
    """
    suffix = PurePosixPath(label).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        refuse_others(label, data)
        return _delimited(label, decoded(label, data, encoding), "\t" if suffix in (".tsv", ".tab") else None)
    return reader(label, data)


_SAVE_AS_CSV = "open it and save the table as CSV"
_OTHERS = (
    (rb"PK\x03\x04", "an Excel workbook", "give its name the ending .xlsx"),
    (rb"PAR1", "a Parquet file", "give its name the ending .parquet"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel workbook", "open it and save it anew as .xlsx"),
    (rb"\x1f\x8b", "a file packed by gzip", "unpack it first"),
    (rb"%PDF", "a PDF", _SAVE_AS_CSV),
    (rb"\xff\xd8\xff|\x89PNG|II\*\x00|MM\x00\*|GIF8", "a photo", "name the table of the photos instead"),
    (rb"(?i:<(!doctype|html|\?xml))", "a web page", "save the table itself as CSV"),
    (rb"[\[{]\s*[\[{\"]", "JSON", "save it as CSV, or as JSON lines (one mapping a line, the ending .jsonl)"),
)
"""How files begin that people take for tables, what they are, and what to do about it."""


def refuse_others(label: str, data: bytes) -> None:
    """Raise InvalidInput for what is no text table, by how it begins.

    A workbook called .csv is common; its bytes as text would only give a riddle.
    """
    beginning = data[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, what, remedy in _OTHERS:
        if re.match(mark, beginning):
            raise _refusal(label, 0, f"this is {what}, not a text table: {remedy}")


def _delimited(label: str, text: str, delimiter: str | None) -> Iterator[Record]:
    # Not io.StringIO, which takes four bytes for each character of a table that may have a hundred million.
    lines = io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass")), "utf-8", "surrogatepass", newline="")
    reader = csv.reader(lines, delimiter=delimiter or _delimiter_of(text), strict=True)
    if _SEPARATOR.match(text):
        next(reader)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"the line cannot be read as CSV ({error}): is a quotation mark left open, or not doubled?"
            raise _refusal(label, line, message) from error
        if cells is None:
            return
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _delimiter_of(text: str) -> str:
    """What separates the cells of the header: the mark that stands in it most often, outside quotation marks, or that
    the line before it says, as Excel has it."""
    said = _SEPARATOR.match(text)
    if said is not None:
        return said[1]
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _workbook(label: str, data: bytes) -> Iterator[Record]:
    """The first sheet of a workbook, each cell as the value it shows; a formula is what it came to when saved."""
    _require("openpyxl", label, "excel")
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _WORKBOOK_MOST_BYTES:
                raise _refusal(label, 0, "the workbook is too large to be read: save the sheet as CSV")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a workbook says of its own size may be wrong
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        for number, values in rows:
            cells = [_text(value) for value in values]
            if any(cells):
                yield number, cells
    except InvalidInput:
        raise
    except Exception as error:  # the library's own, many and undocumented: every one means the same to a person
        message = f"the workbook cannot be read ({type(error).__name__}): open it and save it anew as .xlsx"
        raise _refusal(label, 0, message) from error


def _parquet(label: str, data: bytes) -> Iterator[Record]:
    _require("pyarrow", label, "parquet")
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    try:
        file = pa_parquet.ParquetFile(io.BytesIO(data))
        yield 0, [str(name).strip() for name in file.schema_arrow.names]
        number = 0
        for batch in file.iter_batches():
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield number, [_text(value) for value in values]
    except pa.ArrowException as error:
        raise _refusal(label, 0, f"this cannot be read as Parquet ({type(error).__name__})") from error


def _json_lines(label: str, data: bytes) -> Iterator[Record]:
    """A mapping a line; the header is every key, in the order in which they first come."""
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(decoded(label, data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _refusal(label, number, 'the line is not JSON: each is a mapping such as {"name": ...}') from error
        if not isinstance(row, dict) or any(isinstance(value, (dict, list)) for value in row.values()):
            raise _refusal(label, number, "the line is not a flat mapping of names to values")
        rows.append((number, row))
    header = list(dict.fromkeys(key for _, row in rows for key in row))
    if header:
        yield 0, [key.strip() for key in header]
    for number, row in rows:
        yield number, [_text(row.get(key)) for key in header]


_READERS: dict[str, Callable[[str, bytes], Iterator[Record]]] = {
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}


def _text(value: object) -> str:
    """A cell as a person would write it: no value is nothing, and a day has no hour."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _require(module: str, label: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise UsageError(
            f"{label}: reading it needs {module}, which is not installed",
            remedy=f'Install it with: pip install "coralrun[{extra}]" (in a checkout: pip install ".[{extra}]"), '
            "or save the table as CSV.",
        )


def _refusal(label: str, line: int, message: str) -> InvalidInput:
    return InvalidInput([Problem(label, line, 0, message)])
