"""Tables as people have them, cut into rows of cells: text, spreadsheets, Parquet, JSON lines.

Rule: the format follows from the file's name, and a file that is another inside is refused by name; which of the kinds
of workbook it is shows inside. Every cell leaves here as text with the blanks around it removed and counted, so that
whoever reads a column need not know where it came from. A row carries the number by which its owner finds it: a line in
a text, a row in a workbook, an item in the other two.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.extras import install
from coralrun.sources import workbook
from coralrun.sources.cell_text import text_of
from coralrun.sources.deploy_payload import read_payload
from coralrun.sources.separated import Record, Separated, cut
from coralrun.sources.text import decoded
from coralrun.sources.workbook import Sheet
from coralrun.spec.model import Reading

_SNIFFED_BYTES = 1000
_BY_TABS = (".tsv", ".tab")


@dataclass(frozen=True, slots=True)
class Cells:
    """A table cut into cells: the rows that are not empty, the header first, and how they were found.

    `text` says how a text was cut, `sheet` which one of a workbook was read; of anything else both are None. `trimmed`
    counts by column, from 0, the cells below the header around which there were blanks, of the rows that were read.
    """

    rows: Iterator[Record]
    text: Separated | None = None
    sheet: Sheet | None = None
    trimmed: Counter[int] = field(default_factory=Counter)


def cells_of(label: str, data: bytes, reading: Reading | None = None) -> Cells:
    """Cut a table into cells; `reading` as in `decoded`.

    Raises InvalidInput where it is no table, and from the rows at the one that cannot be read.
    """
    cells = _cells_of(label, data, reading)
    return replace(cells, rows=_trimmed(cells.rows, cells.trimmed))


def _trimmed(rows: Iterator[Record], trimmed: Counter[int]) -> Iterator[Record]:
    """The rows without blanks around their cells, which are counted by column, but for the header's.

    A heading stands on one line, however a spreadsheet has broken it.
    """
    header = next(rows, None)
    if header is not None:
        yield header[0], [" ".join(cell.split()) for cell in header[1]]
    for line, cells in rows:
        bare = [cell.strip() for cell in cells]
        if bare != cells:
            trimmed.update(place for place, cell in enumerate(bare) if cell and cell != cells[place])
        if any(bare):
            yield line, bare


def _cells_of(label: str, data: bytes, reading: Reading | None) -> Cells:
    sheet = None if reading is None else reading.sheet
    suffix = PurePosixPath(label).suffix.lower()
    if suffix in workbook.ENDINGS:
        chosen, rows = workbook.read_workbook(label, data, sheet)
        return Cells(rows, sheet=chosen)
    if sheet is not None:
        raise _refusal(label, 0, f"there is no sheet `{sheet}` in it, for it is no workbook: leave `sheet` out")
    if suffix in _READERS:
        return Cells(_READERS[suffix](label, data))
    payload = read_payload(label, data)
    if payload is not None:
        return Cells(iter([(0, ["url"]), *((points.lines[0], [url]) for url, points in payload.items())]))
    refuse_others(label, data)
    text = cut(label, decoded(label, data, reading), "\t" if suffix in _BY_TABS else None)
    return Cells(text.rows, text)


def is_table(label: str) -> bool:
    """Whether a file is a table by its name, of text or not."""
    return PurePosixPath(label).suffix.lower() in TABLE_ENDINGS


def has_reader(label: str) -> bool:
    """Whether a file is by its name a table that is no text."""
    suffix = PurePosixPath(label).suffix.lower()
    return suffix in workbook.ENDINGS or suffix in _READERS


_SAVE_AS_CSV = "open it and save the table as CSV"
_OTHERS = (
    (rb"PAR1", "a Parquet file", "give its name the ending .parquet"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel workbook", "give its name the ending .xls"),
    (rb"\x1f\x8b", "a file packed by gzip", "unpack it first"),
    (rb"%PDF", "a PDF", _SAVE_AS_CSV),
    (rb"\xff\xd8\xff|\x89PNG|II\*\x00|MM\x00\*|GIF8", "a photo", "name the table of the photos instead"),
    (rb"<\?xml", "XML, as annotation tools and web pages are", "export the table as CSV"),
    (rb"(?i:<(!doctype|html|table))", "a web page", "save the table itself as CSV"),
    (rb"[\[{]\s*[\[{\"]", "JSON", "save it as CSV, or as JSON lines (one mapping a line, the ending .jsonl)"),
)
"""How files begin that people take for tables, what they are, and what to do about it."""


def refuse_others(label: str, data: bytes) -> None:
    """Raise InvalidInput for what is no text table, by how it begins.

    A workbook called .csv is common; its bytes as text would only give a riddle.
    """
    beginning = data[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith(b"PK\x03\x04"):
        raise _refusal(label, 0, "this is {}, not a text table: {}".format(*_packed(data)))
    for mark, what, remedy in _OTHERS:
        if re.match(mark, beginning):
            raise _refusal(label, 0, f"this is {what}, not a text table: {remedy}")


_PACKED = (
    ("xl/", "an Excel workbook", "give its name the ending .xlsx"),
    ("content.xml", "an OpenDocument file", "give its name the ending .ods if it is a spreadsheet"),
    ("Index/", "a file of Numbers", "export it as Excel or CSV"),
    ("Index.zip", "a file of Numbers", "export it as Excel or CSV"),
)
"""What a ZIP archive is, by what is in it, and what to do about it."""


def _packed(data: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            inside = packed.namelist()
    except zipfile.BadZipFile:
        inside = []
    kinds = ((what, remedy) for mark, what, remedy in _PACKED if any(name.startswith(mark) for name in inside))
    return next(kinds, ("a ZIP archive", "unpack it first"))


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
                yield number, [text_of(value) for value in values]
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
        yield number, [text_of(row.get(key)) for key in header]


_READERS: dict[str, Callable[[str, bytes], Iterator[Record]]] = {
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}


TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab", *workbook.ENDINGS, *_READERS)


def _require(module: str, label: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise UsageError(
            f"{label}: reading it needs {module}, which is not installed",
            remedy=f"Install it with: {install(extra)}, or save the table as CSV.",
        )


def _refusal(label: str, line: int, message: str) -> InvalidInput:
    return InvalidInput([Problem(label, line, 0, message)])
