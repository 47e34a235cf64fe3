"""Rows as lines of CSV, the same everywhere: UTF-8 without a byte order mark, LF, quoted where CSV needs it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as lines of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", errors="surrogatepass")
