"""Every table that coralrun writes, and for whom.

Rule: a table that people open in a spreadsheet has no cell that one would run; a table that programs read has every
text as it is, and so has one whose form another program sets. Each table is written by way of its entry here or of its
format's `TABLE`, so none can be forgotten. CSV is the same everywhere: UTF-8 without a byte order mark, LF, quoted
where CSV needs it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from enum import Enum

from coralrun.files.spreadsheet import safe_cell


class Csv:
    """A table as CSV: the name of its file, or of its format among the exports, and whether people open it in a
    spreadsheet."""

    def __init__(self, file: str, is_for_people: bool) -> None:
        self.file = file
        self.is_for_people = is_for_people

    def lines(self, rows: Iterable[Sequence[object]]) -> bytes:
        """Rows as lines of CSV."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(map(self.cells, rows) if self.is_for_people else rows)
        return text.getvalue().encode("utf-8", errors="surrogatepass")

    def cells(self, row: Iterable[object]) -> list[object]:
        """A row as its reader may have it."""
        return [safe_cell(cell) if self.is_for_people and isinstance(cell, str) else cell for cell in row]


class Table(Csv, Enum):
    """The tables of a run and of the commands; a format of exports has its own beside it."""

    PREDICTIONS = "predictions.csv", False
    JOBS = "jobs.csv", False
    FAILURES = "failures.csv", True
    TRIES = "tries.csv", True
    COVER = "cover.csv", True
    COVER_UNITS = "cover_units.csv", True
    COVER_IMAGES = "cover_images.csv", True
    COVER_DIAGNOSTICS = "cover_diagnostics.csv", True
    COVER_CORRECTED = "cover_corrected.csv", True
    COVER_TWO_PHASE = "cover_two_phase.csv", True
    DIVERSITY = "diversity_of_machine_labels.csv", True

    REVIEW = "NAME-review.csv", True
    REVIEWED = "reviewed.csv", True
    DRAWN = "drawn-N.csv", False
    ACCURACY_COVER = "accuracy_cover.csv", True
    ACCURACY_UNITS = "accuracy_units.csv", True
    ACCURACY_POINTS = "accuracy_points.csv", True
    ACCURACY_CONFUSION = "accuracy_confusion.csv", True
    ACCURACY_BESIDE = "accuracy_beside.csv", True
    ACCURACY_IMAGES = "accuracy_images.csv", True

    POINTS = "points.csv", False
    UPLOAD = "upload.csv", False
    LEFT_OUT = "left-out.csv", True
    PROBLEMS = "coralrun-problems.csv", True
