"""CoralNet's own confusion matrix of a source's classifier, read into data.

Rule: as in `pages`: pure, and a table that is not what was observed of CoralNet 1.31 raises `NotUnderstood`. It has no
heading: a row begins with a label, as its name and code, cut at 50 characters, and a column is the label of the row
with the same number. The order of rows goes by the points, and so by the threshold: nothing is read from it.

The page of a source that has no classifier is a page and no table. That of a source which borrows its classifier shows
the lender's table, so a table is asked for at the source whose classifier it is.
"""

from __future__ import annotations

import csv
import io

from coralrun.coralnet.codec.html import one_line
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.planning.confusion import Confusion

FORM = {"export_cm": "1"}
_DIGITS_MOST = 9


def matrix_path(source: int) -> str:
    """Where the form is sent for all labels, whatever their score; without both choices CoralNet takes its own."""
    return f"/source/{source}/backend/?confidence_threshold=0&label_mode=full"


def read_confusion(reply: bytes, classifier: str, source: int) -> Confusion | None:
    """The table of a classifier of a source; None where the source has none."""
    if reply.lstrip().startswith(b"<"):
        return None
    try:
        rows = list(csv.reader(io.StringIO(reply.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotUnderstood("confusion matrix: no table of comma-separated values") from error
    if not rows or any(len(row) != len(rows) + 1 for row in rows):
        raise NotUnderstood("confusion matrix: not as many columns as labels")
    return Confusion(
        classifier=classifier,
        source=source,
        labels=tuple(one_line(row[0]) for row in rows),
        points=tuple(tuple(_count(cell) for cell in row[1:]) for row in rows),
    )


def _count(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) <= _DIGITS_MOST):
        raise NotUnderstood("confusion matrix: a number of points")
    return int(cell)
