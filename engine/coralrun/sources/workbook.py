"""A workbook of any spreadsheet program: Excel's, old and new, and OpenDocument's.

Rule: one sheet is a table. It is the one that the survey names, or else the first that is shown; that others were not
read is known to whoever asks. What a workbook unpacks to is bounded before it is opened.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.extras import install
from coralrun.sources.workbook_cells import NO_SHEET, PASSWORD

ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_MOST_BYTES = 1_000_000_000  # unpacked; a workbook has at most 1,048,576 rows
_ALPHABET = 26


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that was read, and the others that are shown and not empty."""

    name: str
    others: tuple[str, ...]


def read_workbook(label: str, data: bytes, wanted: str | None) -> tuple[Sheet, Iterator[tuple[int, list[str]]]]:
    """One sheet of a workbook and its rows, each with its number in the sheet; `wanted` is a sheet's name.

    Raises InvalidInput where the workbook cannot be read or has no such sheet, UsageError where the library is missing.
    """
    if not data:
        return Sheet("", ()), iter(())
    if importlib.util.find_spec("python_calamine") is None:
        raise UsageError(
            f"{label}: reading it needs python-calamine, which is not installed",
            remedy=f"Install it with: {install('excel')}, or save the table as CSV.",
        )
    if _unpacked_bytes(data) > _MOST_BYTES:
        raise _refusal(label, "the workbook is too large to be read: save the sheet as CSV")
    # -P: nothing in the working directory is imported, which may be a folder that somebody sent.
    read = subprocess.run(  # noqa: S603 - our own module; a sheet's name is an argument, and no shell reads it
        [sys.executable, "-P", "-m", "coralrun.sources.workbook_cells", *([] if wanted is None else [wanted])],
        input=data,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    opening, _, rows = read.stdout.partition(b"\n")
    if read.returncode or not opening:
        message = "the workbook is damaged, or too large to be read: copy the table into a new one, or save it as CSV"
        raise _refusal(label, message)
    said = json.loads(opening)
    if "refused" in said:
        raise _refusal(label, _complaint(said["refused"], wanted, said.get("sheets", [])))
    return Sheet(said["sheet"], tuple(said["others"])), _rows(rows)


def cell_name(row: int, column: int) -> str:
    """A cell as a spreadsheet calls it, such as C3; `row` is from 1, `column` from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def _rows(lines: bytes) -> Iterator[tuple[int, list[str]]]:
    for line in io.BytesIO(lines):
        number, cells = json.loads(line)
        yield number, cells


def _unpacked_bytes(data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        return len(data)


def _complaint(reason: str, wanted: str | None, sheets: list[str]) -> str:
    if reason == PASSWORD:
        return "the workbook is protected by a password: save it without one"
    if reason == NO_SHEET and wanted is not None:
        return f"there is no sheet `{wanted}`: it has {', '.join(sheets)}"
    if reason == NO_SHEET:
        return "the workbook has no sheet of cells"
    return "this cannot be read as a spreadsheet: open it and save it again as .xlsx or CSV"


def _refusal(label: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(label, 0, 0, message)])
