"""Every problem of a person's files as a table, where there are more than a screen can show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from coralrun.errors import SHOWN_PROBLEMS, CoralrunError, DiskError, InvalidInput
from coralrun.files.written import Table
from coralrun.store.files import Disk

PROBLEMS_FILE: Final = Path(Table.PROBLEMS.file)
COLUMNS: Final = ("file", "line", "column", "problem")


def list_problems(error: CoralrunError) -> str:
    """Write all problems of an error into a table where the command was called; what to say of it, "" for nothing.

    A place that cannot be written to is no second error: the first hundred problems are shown all the same.
    """
    if not isinstance(error, InvalidInput) or len(error.problems) <= SHOWN_PROBLEMS:
        return ""
    rows = [(problem.file, problem.line or "", problem.column or "", problem.message) for problem in error.problems]
    try:
        Disk().replace(PROBLEMS_FILE, Table.PROBLEMS.lines([COLUMNS, *rows]))
    except (DiskError, OSError):
        return ""
    return f"all {len(error.problems):,} problems are in {PROBLEMS_FILE}"
