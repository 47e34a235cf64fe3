"""`xlsx`: a workbook for people with a sheet each for cover, corrected cover where people reviewed an audit, units,
images, failures and notes.

Rule: these are the rows of the run's own tables, labels by their cover; nothing is worked out here. A number is a
number, a text a text: no cell is a formula, whatever a name begins with, so nothing is put before it. Headings stay in
view, and each column is as wide as what is in it. The same run gives the same bytes: the day that a workbook has in it
is a fixed one.
"""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from coralrun.cover import tables as cover_tables
from coralrun.cover.reader import COVER_COLUMNS, IMAGE_COLUMNS, Reader
from coralrun.errors import UsageError
from coralrun.exports.model import Export, ExportOptions, Results, notes_on_people
from coralrun.extras import install
from coralrun.results.numeric import are_numbers, numbers_if_all
from coralrun.results.tables import FAILURE_COLUMNS, why_without

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS: Final = 1_048_576
"""Of a sheet of Excel, its heading among them."""
_MOST_CHARS: Final = 32_767
_MEASURED_ROWS: Final = 2_000
_NUMBER_CHARS: Final = 8
_WIDEST_CHARS: Final = 60
_MARGIN_CHARS: Final = 2
_DAY: Final = (1980, 1, 1, 0, 0, 0)
_TIMES: Final = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def require() -> None:
    """Raise UsageError when the extra that this needs is not installed."""
    if importlib.util.find_spec("openpyxl") is None:
        raise UsageError(
            "`--format xlsx` needs openpyxl, which is not installed",
            remedy=f"Install it with: {install('excel')}",
        )


def make(results: Results, options: ExportOptions) -> Export:
    """Write a run as a workbook."""
    require()
    reader = Reader(results.counts_for_cover(), results.plan, results.plan.analysis, results.pending)
    corrected = {table.file.removesuffix(".csv"): frame for table, frame in results.corrected().items()}
    notes = [*reader.notes, *(_notes_on_corrected(corrected) or notes_on_people(results))]
    cover = cover_tables.largest_first(cover_tables.overall(reader))
    frames = {"cover": cover, **corrected, "units": reader.units(), "images": reader.images()}
    told = {*results.plan.fields, cover_tables.WHOLE} - {*COVER_COLUMNS, *IMAGE_COLUMNS}
    strata = {cover_tables.WHOLE, results.plan.analysis.design.strata_field}
    numeric = {name for name in told if are_numbers(_said_in(frames.values(), strata if name in strata else {name}))}
    sheets: dict[str, list[Sequence[object]]] = {
        **{name: _of_frame(frame, numeric) for name, frame in frames.items()},
        "failures": [FAILURE_COLUMNS, *_failures(results)],
        "notes": [("note",), *((note,) for note in (*results.notes, *notes))],
    }
    for name, rows in sheets.items():
        if len(rows) > MOST_ROWS:
            raise UsageError(
                f"the sheet `{name}` would have {len(rows):,} rows, and a sheet holds {MOST_ROWS:,}",
                remedy="Open the run's own tables, which are CSV.",
            )
    return Export(iter([_workbook(sheets)]), notes)


def _notes_on_corrected(corrected: Iterable[str]) -> list[str]:
    """Which sheets people's reviews have a part in."""
    sheets = " and ".join(f"`{name}`" for name in corrected)
    return [f"people's reviews are in {sheets} alone: the other sheets say what the classifier says"] if sheets else []


def _failures(results: Results) -> Iterator[Sequence[object]]:
    for number in sorted(results.state.ended()):
        image = results.plan.images[number]
        yield image.source, image.name, image.points, why_without(results.plan, results.state, number)


def _said_in(frames: Iterable[pd.DataFrame], columns: AbstractSet[str | None]) -> Iterator[str]:
    """All values of what these columns are, whichever frame has them."""
    return chain.from_iterable(frame[column] for frame in frames for column in frame.columns if column in columns)


def _of_frame(frame: pd.DataFrame, numeric: AbstractSet[str]) -> list[Sequence[object]]:
    """The rows of a frame; what they are told by (years, depths) is numbers where all that any sheet knows of it is."""
    by = [field for field in frame.columns if field in numeric]
    frame = frame.assign(**{name: found for name in by if (found := numbers_if_all(frame[name].tolist())) is not None})
    known = frame.astype(object).where(frame.notna(), None)
    return [tuple(frame.columns), *known.itertuples(index=False, name=None)]


def _workbook(sheets: dict[str, list[Sequence[object]]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for column, width in enumerate(_widths(rows), 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return _with_fixed_day(written)


def _widths(rows: Sequence[Sequence[object]]) -> Iterator[int]:
    """How wide each column is: its heading and its texts stand whole, if they are not long; a number may be rounded."""
    for column in zip(*rows[:_MEASURED_ROWS], strict=True):
        longest = max(len(value) if isinstance(value, str) else _NUMBER_CHARS for value in column)
        yield min(longest, _WIDEST_CHARS) + _MARGIN_CHARS


def _cell(sheet: Any, value: object) -> object:
    """A number as it is; a text as a text cell, which is never a formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value.encode("utf-8", "replace").decode())
    cell = WriteOnlyCell(sheet, text[:_MOST_CHARS])
    cell.data_type = "s"
    return cell


def _with_fixed_day(written: io.BytesIO) -> bytes:
    """The same workbook without the time at which it was written."""
    day = b'<dcterms:\\1 xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:\\1>'
    made = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(made, "w") as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = source.read(name)
            part = zipfile.ZipInfo(name, _DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, _TIMES.sub(day, data) if name == "docProps/core.xml" else data)
    return made.getvalue()
