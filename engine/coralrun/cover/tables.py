"""The frames of cover as CSV: the same bytes on every rebuild.

Rule: shares are written to six decimals of a percent, so that no difference in rounding between machines shows; an
empty cell is what cannot be said. Which texts a table may hold is said in `written`. A long frame is written piece by
piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

import numpy as np
import pandas as pd

from coralrun.cover.reader import Reader
from coralrun.files.written import Table
from coralrun.results.groupings import LABEL

NOTES = "cover_notes.txt"

R_SCRIPT = "cover.R"
"""Reads the tables beside it and draws them."""

WHOLE = "stratum"
"""The column of `cover.csv` with the stratum that a row is about, empty for all of them together. It is the first, or
stands behind that of the occasion."""

_ROWS = 50_000
_IMAGES = 2_000


def lines(table: Table, frame: pd.DataFrame, *, header: bool = True) -> Iterator[bytes]:
    """A frame as CSV."""
    for start in range(0, max(len(frame), 1), _ROWS):
        piece = _as_read(table, frame.iloc[start : start + _ROWS])
        text = piece.to_csv(index=False, header=header and start == 0, float_format="%.6f", lineterminator="\n")
        yield text.encode("utf-8", errors="surrogatepass")


def _as_read(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with the cells that the table's reader may have; texts repeat, so each is looked at once."""
    shown = frame.set_axis(table.cells(frame.columns), axis=1)
    for place, (_, column) in enumerate(frame.items()):
        texts = [text for text in column.unique() if isinstance(text, str)] if column.dtype.kind == "O" else []
        changed = {text: cell for text, cell in zip(texts, table.cells(texts), strict=True) if cell != text}
        if changed:
            shown.isetitem(place, [changed.get(value, value) for value in column])
    return shown


def overall(reader: Reader) -> pd.DataFrame:
    """`cover.csv`: all strata together, then each stratum."""
    whole, strata = reader.told_by(()), reader.strata()
    place = len(reader.told_fields(()))
    whole.insert(place, WHOLE, "")
    if strata.empty:
        return whole
    return pd.concat([whole, strata.rename(columns={strata.columns[place]: WHOLE})], ignore_index=True)


def largest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows for people: labels by their cover, groups in the order that people gave them."""
    about = frame[[*frame.columns[: list(frame.columns).index("grouping")], "grouping"]]
    block = (about != about.shift()).any(axis=1).cumsum()
    least = (-frame["mean"]).where(frame["grouping"] == LABEL, 0)
    return frame.iloc[np.lexsort((least, block))]


def image_lines(reader: Reader) -> Iterator[bytes]:
    """`cover_images.csv`, some images at a time, so that memory does not grow with the survey."""
    for start in range(0, max(reader.n_images, 1), _IMAGES):
        frame = reader.images(range(start, min(start + _IMAGES, reader.n_images)))
        yield from lines(Table.COVER_IMAGES, frame, header=start == 0)


def r_script() -> bytes:
    """`cover.R`, which is the same for every run."""
    return files(__package__).joinpath(R_SCRIPT).read_bytes()


def notes(texts: Iterable[str]) -> Iterator[bytes]:
    """`cover_notes.txt`: what a reader of the tables must know, a sentence a line."""
    yield "".join(f"{text}\n" for text in texts).encode("utf-8", errors="surrogatepass")
