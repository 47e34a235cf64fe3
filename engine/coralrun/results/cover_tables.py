"""The frames of cover as CSV: the same bytes on every rebuild.

Rule: shares are written to six decimals of a percent, so that no difference in rounding between machines shows; an
empty cell is what cannot be said. Texts are lossless, as in `predictions.csv`. A long frame is written piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from coralrun.results.cover import Cover

COVER = "cover.csv"
UNITS = "cover_units.csv"
IMAGES = "cover_images.csv"
DIAGNOSTICS = "cover_diagnostics.csv"
NOTES = "cover_notes.txt"
DIVERSITY = "diversity_of_machine_labels.csv"

WHOLE = "stratum"
"""The first column of `cover.csv`: the stratum that a row is about, empty for all of them together."""

_ROWS = 50_000


def lines(frame: pd.DataFrame) -> Iterator[bytes]:
    """A frame as CSV."""
    for start in range(0, max(len(frame), 1), _ROWS):
        piece = frame.iloc[start : start + _ROWS]
        text = piece.to_csv(index=False, header=start == 0, float_format="%.6f", lineterminator="\n")
        yield text.encode("utf-8", errors="surrogatepass")


def overall(cover: Cover) -> pd.DataFrame:
    """`cover.csv`: all strata together, then each stratum."""
    whole = cover.overall.copy()
    whole.insert(0, WHOLE, "")
    if cover.strata.empty:
        return whole
    strata = cover.strata.rename(columns={cover.strata.columns[0]: WHOLE})
    return pd.concat([whole, strata], ignore_index=True)


def notes(cover: Cover) -> Iterator[bytes]:
    """`cover_notes.txt`: what a reader of the tables must know, a sentence a line."""
    yield "".join(f"{note}\n" for note in cover.notes).encode("utf-8", errors="surrogatepass")
