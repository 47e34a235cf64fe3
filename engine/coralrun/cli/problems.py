"""Every problem of a person's files as a table, where there are more than a screen can show."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from coralrun.errors import SHOWN_PROBLEMS, CoralrunError, DiskError, InvalidInput
from coralrun.spreadsheet import safe_cell
from coralrun.store.files import Disk

PROBLEMS_FILE: Final = Path("coralrun-problems.csv")
COLUMNS: Final = ("file", "line", "column", "problem")


def list_problems(error: CoralrunError) -> str:
    """Write all problems of an error into a table where the command was called; what to say of it, "" for nothing.

    A place that cannot be written to is no second error: the first hundred problems are shown all the same.
    """
    if not isinstance(error, InvalidInput) or len(error.problems) <= SHOWN_PROBLEMS:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in error.problems:
        writer.writerow((safe_cell(each.file), each.line or "", each.column or "", safe_cell(each.message)))
    try:
        Disk().replace(PROBLEMS_FILE, text.getvalue().encode("utf-8", errors="surrogatepass"))
    except (DiskError, OSError):
        return ""
    return f"all {len(error.problems):,} problems are in {PROBLEMS_FILE}"
