"""What the plan in force has of the points of earlier plans, and which of those that were drawn it has not.

Rule: an image that has no result yet, or failed, has its points all the same: what waits for it is not gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.reconcile import KnownPlan, without_new_points
from coralrun.machine.runs import from_ranges
from coralrun.review import record
from coralrun.review.draws import Record
from coralrun.review.other_points import OtherPoints, Spot
from coralrun.store import plans
from coralrun.store.reviews import Draw


def known(opened: OpenRun, number: int) -> KnownPlan:
    """The plan of a run of a number."""
    if number == opened.state.plan:
        return KnownPlan(opened.plan, opened.units)
    return KnownPlan(*plans.known(opened.layout, opened.disk, opened.state, number))


def without_new(opened: OpenRun, number: int) -> Mapping[int, int]:
    """The images that have no point which they did not have in the earlier plan of a number, each with the unit that it
    was there."""
    now = opened.units
    of_then = plans.units_of(opened.layout, opened.disk, opened.state, number)
    same = {image: now.unit_of[image] for image in now.images(from_ranges(of_then.runs))}
    if len(same) == len(now):
        return same
    return without_new_points(known(opened, number), KnownPlan(opened.plan, now))


def is_of_all_now(opened: OpenRun, draw: Draw) -> bool:
    """Whether a draw was from the very images and points that there are now: of those drawn by class, all must be."""
    of_then = plans.units_of(opened.layout, opened.disk, opened.state, draw.plan)
    return set(of_then.unit_of) == set(opened.units.unit_of)


def other_points(opened: OpenRun, records: Sequence[Record]) -> tuple[OtherPoints, ...]:
    """Those that some draws handed out and the plan in force does not have; `records` are those of all draws."""
    found, store = [], opened.reviews
    for draw, kept in zip(store.index().draws, records, strict=True):
        if draw.plan != opened.state.plan:
            rows = record.own_rows(draw.number, record.decode(store.drawn(draw)))
            waiting = set(without_new(opened, draw.plan)).difference(opened.plan_state.succeeded())
            wait = {opened.plan.images[image].key for image in waiting}
            if lost := [row for row in rows if row.review_id not in kept.rows and row.key not in wait]:
                found.append(OtherPoints(draw.number, draw.plan, len(rows), spots_of(opened, draw, lost)))
    return tuple(found)


def spots_of(opened: OpenRun, draw: Draw, rows: Iterable[record.Row]) -> frozenset[Spot]:
    """Where the points of some rows of a draw's record are."""
    names = {image.key: image.name for image in known(opened, draw.plan).plan.images}
    return frozenset((names[row.key], row.row, row.column) for row in rows)
