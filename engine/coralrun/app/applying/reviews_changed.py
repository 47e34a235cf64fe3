"""What a changed plan takes from what people said about a run, and gives back, told before anything is sent.

Rule: labels are kept whatever a plan says. They count where the plan has their point, on the same picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from coralrun.app.answers.kept_reviews import load, places_of, read_imports, read_records
from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.reconcile import KnownPlan, without_new_points
from coralrun.machine.runs import to_ranges
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import Point
from coralrun.planning.lay import lay_unchecked
from coralrun.planning.model import Plan
from coralrun.review.draws import Place, place_of
from coralrun.review.reviewed import ReviewedPoint, gather
from coralrun.values.phrases import count


def review_lines(opened: OpenRun, now: KnownPlan) -> Iterator[str]:
    """How many points that were handed out, and that people labelled, are none of a further plan's, and how many of
    those that counted no longer it has again."""
    index = opened.reviews.index()
    if not (index.draws or index.imports):
        return
    points = load(opened).points
    labelled = {(point.image, point.point) for point in points}
    handed_out = {
        record.number: own
        for record in read_records(opened)
        if (own := set(map(place_of, record.own))) and labelled.isdisjoint(own)
    }
    gone = _gone(opened, now, labelled.union(*handed_out.values()))
    for number, own in handed_out.items():
        if lost := len(own & gone):
            which = f"{lost:,} of its {count(len(own), 'point')}"
            yield f"  review {number} is handed out: {which} go, and labels of them will correct nothing"
    go = _spots(opened.plan, (point for point in points if (point.image, point.point) in gone))
    come = _come_back(opened, now)
    if lost := (go - come).total():
        no_longer = "counts no longer; it counts" if lost == 1 else "count no longer; they count"
        yield f"  {count(lost, 'reviewed point')} {no_longer} again with the old images and points"
    if again := (come - _spots(opened.plan, points)).total():
        yield f"  {count(again, 'reviewed point')} {'counts' if again == 1 else 'count'} again, as before"


def _gone(opened: OpenRun, now: KnownPlan, places: Collection[Place]) -> frozenset[Place]:
    """Those of some points that a further plan does not have. Where it has some of an image's, these are laid."""
    stays = {unit: image for image, unit in without_new_points(KnownPlan(opened.plan, opened.units), now).items()}
    image_of = {image: stays.get(unit) for image, unit in enumerate(opened.units.unit_of)}
    gone = {place for place in places if image_of[place[0]] is None}
    fewer = {
        image: now.plan.images[its]
        for image in {image for image, _ in places}
        if (its := image_of[image]) is not None and now.plan.images[its].points < opened.plan.images[image].points
    }
    sizes = opened.sizes() if fewer else {}
    left: dict[int, frozenset[Point]] = {}
    for image, planned in fewer.items():
        size = planned.size or sizes.get(image)
        left[image] = frozenset() if size is None else frozenset(lay_unchecked(now.plan, planned, size))
    at = places_of(opened, left) if left else {}
    gone |= {place for place in places if place[0] in left and at.get(place) not in left[place[0]]}
    return frozenset(gone)


def _come_back(opened: OpenRun, now: KnownPlan) -> Counter[tuple[str, int, int]]:
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


def _spots(plan: Plan, points: Iterable[ReviewedPoint]) -> Counter[tuple[str, int, int]]:
    """Points by their image's key, row and column, the same in all plans."""
    return Counter((plan.images[point.image].key, point.row.row, point.row.column) for point in points)
