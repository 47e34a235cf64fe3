"""The draws of a run whose points its plan in force does not have all, read from their records."""

from __future__ import annotations

from collections.abc import Sequence

from coralrun.app.run.run_directory import OpenRun
from coralrun.review import record
from coralrun.review.draws import Record
from coralrun.review.other_points import OtherPoints
from coralrun.store import plans


def other_points(opened: OpenRun, records: Sequence[Record]) -> tuple[OtherPoints, ...]:
    """Those that some draws handed out and the plan in force does not have; `records` are those of all draws."""
    found, store = [], opened.reviews
    for draw, kept in zip(store.index().draws, records, strict=True):
        if draw.plan != opened.state.plan:
            rows = record.own_rows(draw.number, record.decode(store.drawn(draw)))
            if lost := [row for row in rows if row.review_id not in kept.rows]:
                plan, _ = plans.known(opened.layout, opened.disk, opened.state, draw.plan)
                names = {image.key: image.name for image in plan.images}
                gone = frozenset((names[row.key], row.row, row.column) for row in lost)
                found.append(OtherPoints(draw.number, draw.plan, len(rows), gone))
    return tuple(found)
