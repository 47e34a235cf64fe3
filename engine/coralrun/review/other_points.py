"""Points that were drawn from an earlier plan and that the plan in force does not have, and labels of them.

Rule: such a label is kept with its file and counts nowhere, until a plan has the point again. It is known by name, row
and column, as it was handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.draws import own_prefix

Spot = tuple[str, int, int]
"""A photo by its name, a row and a column."""


class OtherPoints(NamedTuple):
    """Of the `points` that draw `draw` handed out from `plan`, those that the plan in force does not have."""

    draw: int
    plan: int
    points: int
    gone: frozenset[Spot]

    @property
    def left(self) -> int:
        """How many of them the plan in force has, so that labels of them count as drawn."""
        return self.points - len(self.gone)


def elsewhere_words(labels: int) -> str:
    """What is said of so many labels of such points; "" where there are none."""
    if not labels:
        return ""
    are, they = ("label is", "it counts") if labels == 1 else ("labels are", "they count")
    return f"{labels:,} {are} of points that the survey had before: {they} again once it has these"


def of_draw(row: LabelledPoint, draws: Sequence[OtherPoints]) -> OtherPoints | None:
    """The draw of whose points a row is, where the plan in force does not have that point; of several that had it, the
    one that handed out the row, if it says so."""
    spots = {(name, row.row, row.column) for name in (row.name, plain_cell(row.name))} if row.extent is None else set()
    had = [draw for draw in draws if not spots.isdisjoint(draw.gone)]
    return next((draw for draw in had if row.review_id.startswith(own_prefix(draw.draw))), had[0] if had else None)


def labelled_elsewhere(rows: Iterable[LabelledPoint], draws: Sequence[OtherPoints]) -> int:
    """How many such points people labelled in some rows."""
    return len({(plain_cell(row.name), *row.pixel) for row in rows if row.is_persons and of_draw(row, draws)})
