"""What a changed plan takes from what people said about a run, and gives back, told before anything is sent.

Rule: labels are kept whatever a plan says. They count where the plan has their point, on the same picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from coralrun.app.answers.kept_reviews import load, read_imports
from coralrun.app.answers.other_points import known
from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.reconcile import KnownPlan, without_new_points
from coralrun.machine.runs import to_ranges
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Point
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.lay import lay_unchecked
from coralrun.planning.model import Plan
from coralrun.review import record
from coralrun.review.other_points import Spot as Named
from coralrun.review.other_points import labelled_elsewhere
from coralrun.review.reviewed import ReviewedPoint, Reviews, gather
from coralrun.store.reviews import Draw
from coralrun.values.phrases import count

Spot = tuple[str, int, int]
"""An image by its key, a row and a column: a point, the same in all plans."""


class _Stays(NamedTuple):
    """A draw whose record has these rows, of which a plan leaves those at some places in the sample: `now` the one in
    force, `then` the further one."""

    draw: Draw
    rows: Sequence[record.Row]
    now: frozenset[Spot]
    then: frozenset[Spot]


def review_lines(opened: OpenRun, now: KnownPlan) -> Iterator[str]:
    """How many points that were handed out, and that people labelled, are none of a further plan's, and how many of
    those that counted no longer it has again."""
    index = opened.reviews.index()
    if not (index.draws or index.imports):
        return
    reviews, draws = load(opened), list(_stays(opened, now))
    labelled, come = _spots(opened.plan, reviews.points), _come_back(opened, now)
    yield from _handed_out_lines(opened.plan, reviews, draws)
    drawn = {_spot(opened.plan.images[point.image].key, point.row) for point in reviews.points if point.drawn}
    others = labelled.keys() - drawn
    stays = frozenset[Spot]().union(*(draw.then for draw in draws))
    ever = {_spot(row.key, row) for draw in draws for row in draw.rows}
    lost = (drawn - stays) | (others & _gone(opened, now, others)) - come.keys()
    if gone := sum(labelled[spot] for spot in lost):
        no_longer = "counts no longer; it counts" if gone == 1 else "count no longer; they count"
        yield f"  {count(gone, 'reviewed point')} {no_longer} again with the old images and points"
    back = (come.keys() & stays - drawn) | (come.keys() - ever - labelled.keys())
    if again := sum(come[spot] for spot in back):
        yield f"  {count(again, 'reviewed point')} {'counts' if again == 1 else 'count'} again, as before"


def _stays(opened: OpenRun, now: KnownPlan) -> Iterator[_Stays]:
    """What each draw has in the sample of the plan in force, and in that of a further one."""
    store, in_force = opened.reviews, KnownPlan(opened.plan, opened.units)
    for draw in store.index().draws:
        rows = record.decode(store.drawn(draw))
        spots = frozenset(_spot(row.key, row) for row in rows)
        then = _as_of(opened, draw.plan)
        yield _Stays(draw, rows, *(_left(draw, then, plan, spots) for plan in (in_force, now)))


def _left(draw: Draw, then: OpenRun, plan: KnownPlan, spots: frozenset[Spot]) -> frozenset[Spot]:
    """Those points of a draw that are in the sample of a plan: of points drawn by class none, unless it has all that
    they were drawn from, and no others."""
    if draw.by_class and set(then.units.unit_of) != set(plan.units.unit_of):
        return frozenset()
    return spots - _gone(then, plan, spots)


def _handed_out_lines(plan: Plan, reviews: Reviews, draws: Sequence[_Stays]) -> Iterator[str]:
    """The draws of which nothing has come back, and of which more goes than has gone already."""
    newest = {_spot(plan.images[point.image].key, point.row): point.number for point in reviews.points}
    handed_out = [[_spot(row.key, row) for row in record.own_rows(draw.number, rows)] for draw, rows, _, _ in draws]
    of_draws = Counter(spot for own in handed_out for spot in set(own))
    for (draw, _, now, then), own in zip(draws, handed_out, strict=True):
        its = {spot for spot in own if of_draws[spot] == 1}
        since = any(newest.get(spot, 0) > draw.after_import for spot in its)
        if since or all(spot in newest for spot in own) or _has_come_back_elsewhere(reviews, draw):
            continue
        lost = sum(spot not in then for spot in own)
        if lost > sum(spot not in now for spot in own):
            which = f"{lost:,} of its {count(len(own), 'point')}"
            yield f"  review {draw.number} is handed out: {which} go, and labels of them will correct nothing"


def _has_come_back_elsewhere(reviews: Reviews, draw: Draw) -> bool:
    """Whether people labelled, since a draw, points of it alone that the plan in force does not have."""
    since = (one for outcome in reviews.outcomes if outcome.number > draw.after_import for one in outcome.unmatched)
    ours = [other for other in reviews.other_points if other.draw == draw.number]
    gone = frozenset[Named]().union(*(one.gone for one in reviews.other_points if one.draw != draw.number))
    return bool(labelled_elsewhere((one.human for one in since), [one._replace(gone=one.gone - gone) for one in ours]))


def _as_of(opened: OpenRun, number: int) -> OpenRun:
    """The run, read by its plan of a number."""
    then = known(opened, number)
    return replace(opened, plan=then.plan, units=then.units)


def _gone(then: OpenRun, now: KnownPlan, spots: Collection[Spot]) -> frozenset[Spot]:
    """Those of some points of a plan that a further one does not have, or has beside new ones of their image. Where it
    has some of an image's points and no others, these are laid."""
    stays = {unit: image for image, unit in without_new_points(KnownPlan(then.plan, then.units), now).items()}
    keys, gone = {spot[0] for spot in spots}, set[str]()
    fewer: dict[str, tuple[int, PlannedImage]] = {}
    for number, image in enumerate(then.plan.images):
        if image.key in keys:
            its = stays.get(then.units.unit_of[number])
            if its is None:
                gone.add(image.key)
            elif now.plan.images[its].points < image.points:
                fewer[image.key] = number, now.plan.images[its]
    sizes, left = then.sizes() if fewer else {}, set[Spot]()
    for key, (number, image) in fewer.items():
        size = image.size or sizes.get(number)
        left |= {_spot(key, point) for point in (() if size is None else lay_unchecked(now.plan, image, size))}
    return frozenset(spot for spot in spots if spot[0] in gone or (spot[0] in fewer and spot not in left))


def _come_back(opened: OpenRun, now: KnownPlan) -> Counter[Spot]:
    """The points that people labelled of those that only plans before the one in force have had so far."""
    state = opened.state
    come = {
        unit: now.plan.images[image]
        for image, unit in enumerate(now.units.unit_of)
        if unit < state.units and not state.is_named[unit]
    }
    if not come:
        return Counter()
    plan = replace(now.plan, images=tuple(come.values()))
    then, imports = replace(opened, plan=plan, units=PlanUnits(to_ranges(come))), read_imports(opened)
    return _spots(plan, gather(plan, then.blocks(), (), imports.files, imports.accepted, then.sizes).points)


def _spots(plan: Plan, points: Iterable[ReviewedPoint]) -> Counter[Spot]:
    """Points by their image's key, row and column, the same in all plans."""
    return Counter(_spot(plan.images[point.image].key, point.row) for point in points)


def _spot(key: str, at: Point | record.Row | LabelledPoint) -> Spot:
    return key, at.row, at.column
