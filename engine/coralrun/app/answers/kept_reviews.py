"""Reading back what people said about a run.

Rule: nothing is written here, so it can be called from wherever something is derived from reviews; a run without any
reads as an empty record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.standing import FEW_LATER
from coralrun.accuracy.truth import in_sample
from coralrun.app.answers.other_points import is_of_all_now, other_points, without_new
from coralrun.app.run.run_directory import OpenRun
from coralrun.errors import RunDamaged
from coralrun.estimates.placed import placed
from coralrun.estimates.units import describe_units
from coralrun.machine.runs import from_ranges
from coralrun.planning.header import outline_of
from coralrun.planning.images import Point
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review import record, reviewed
from coralrun.review.draws import Place, Record, in_force, place_of
from coralrun.review.reviewed import Parts, Reviews
from coralrun.review.sets import ReviewSet
from coralrun.review.whose_labels import as_peoples
from coralrun.sources.labelled_file import read_labelled
from coralrun.store import plans
from coralrun.store.reviews import Draw


@dataclass(frozen=True, slots=True)
class Imports:
    """What people handed in, file by file with its number, and the labels that were accepted in any of them."""

    files: tuple[tuple[int, tuple[LabelledPoint, ...]], ...]
    accepted: frozenset[str]


def load(opened: OpenRun) -> Reviews:
    """Everything that people said about a run, beside the machine's answers; empty where there is nothing."""
    records, imports = read_records(opened), read_imports(opened)
    if not imports.files:
        return Reviews(audit=in_force(records, {}).audit)
    reviews = reviewed.gather(opened.plan, opened.blocks(), records, imports.files, imports.accepted, opened.sizes)
    return replace(
        reviews,
        other_units=other_units(opened),
        other_plan=other_plan(opened),
        **_by_class(opened, records),
        parts=parts_of(opened, reviews),
        is_learnt_from=is_learnt_from(opened),
        is_of_now=drawn_from_now(opened),
        lost=lost_points(opened, records),
        triage_gone=triage_gone(opened),
        other_points=other_points(opened, records),
    )


def _by_class(opened: OpenRun, records: Sequence[Record]) -> dict[str, Any]:
    """The points drawn by class from all that there are now; where none are, those of earlier plans, with the number of
    the first."""
    draws = [(draw, kept) for draw, kept in zip(opened.reviews.index().draws, records, strict=True) if draw.by_class]
    of_now = [(draw, kept) for draw, kept in draws if is_of_all_now(opened, draw)]
    points = {place_of(point): point for _, kept in of_now or draws for point in kept.own}
    return {"by_class": points, "by_class_plan": 0 if of_now or not draws else draws[0][0].plan}


def other_units(opened: OpenRun) -> str:
    """The units that the audit was drawn from, where the run is read by others now; "" where it is not."""
    now, draws = describe_units(opened.plan.analysis.design), opened.reviews.index().draws
    return next((draw.design for draw in draws if draw.design not in ("", now)), "")


def other_plan(opened: OpenRun) -> int:
    """The number of the plan whose images photos were drawn from, where another is in force now; 0 where none was."""
    return next((draw.plan for draw in _earlier_draws(opened)), 0)


def parts_of(opened: OpenRun, reviews: Reviews | None = None) -> Parts:
    """The images with a result that some draw of photos could not draw from: they came after it, their points moved, or
    they had failed. Where the classifier may have learnt from what such draws brought, it says other things there: what
    is reviewed stands for itself, and all images that are not reviewed in full stand apart. Where a draw could draw
    from nearly all, the few others do not stand apart. `reviews` are the run's, if they are at hand."""
    there = frozenset(opened.plan_state.succeeded())
    is_learnt = is_learnt_from(opened)
    alone = _learnt_from(opened, reviews) if is_learnt else {}
    frames = list(_frames(opened, there, alone, is_learnt_from=is_learnt))
    found: dict[tuple[bool, ...], set[int]] = {}
    for image in there if frames else ():
        found.setdefault(tuple(image in frame for frame in frames), set()).add(image)
    found.pop((True,) * len(frames), None)
    later = frozenset[int]().union(*found.values())
    if later and not is_learnt and _are_few(opened, later):
        return Parts(few=len(later))
    none = found.get((False,) * len(frames), ()) if not drawn_from_now(opened) else ()
    return Parts(tuple(frozenset(found[key]) for key in sorted(found)), frozenset(none), alone)


def _are_few(opened: OpenRun, later: frozenset[int]) -> bool:
    """Whether so few points of each stratum are on these images that it hardly matters how they differ from others."""
    where, there = placed(opened.plan, opened.plan.analysis), points_there(opened)
    came = np.where(np.isin(np.arange(len(there)), list(later)), there, 0)
    here = ~where.nameless & (there > 0)
    new, whole = (np.bincount(where.stratum[here], points[here]) for points in (came, there))
    return not where.occasion and bool((new <= FEW_LATER * whole).all())


def _frames(
    opened: OpenRun, there: frozenset[int], alone: Mapping[int, int], *, is_learnt_from: bool
) -> Iterator[frozenset[int]]:
    """Which of some images each draw from an earlier plan is an audit of now; `alone` as in `Parts`."""
    earlier = _earlier_draws(opened)
    if is_learnt_from:
        counts = opened.plan.point_counts
        yield frozenset(image for image, points in alone.items() if points == counts[image])
        earlier = [draw for draw in earlier if not _is_of_another_classifier(opened, draw.plan)]
    yield from (_drawn_from(opened, draw, there) for draw in earlier)


def _earlier_draws(opened: OpenRun) -> list[Draw]:
    """The draws of photos from earlier plans."""
    return [draw for draw in opened.reviews.index().draws if draw.plan != opened.state.plan and not draw.by_class]


def is_learnt_from(opened: OpenRun) -> bool:
    """Whether photos were drawn while another classifier labelled them than now, and the one that does now may have
    learnt from photos of the run, these among them."""
    is_another = any(
        _is_of_another_classifier(opened, number) for number in {draw.plan for draw in _earlier_draws(opened)}
    )
    return is_another and any(in_sample(opened.plan, image) for image in opened.plan_state.succeeded())


def _is_of_another_classifier(opened: OpenRun, number: int) -> bool:
    header = plans.read(opened.layout.plan(number), opened.disk).header
    return outline_of(header).classifier != opened.plan.classifier.id


def _learnt_from(opened: OpenRun, reviews: Reviews | None) -> Mapping[int, int]:
    """The audited images that the classifier may have learnt from, with how many points of each people labelled."""
    audited = (load(opened) if reviews is None else reviews).audited
    before = [draw for draw in _earlier_draws(opened) if _is_of_another_classifier(opened, draw.plan)]
    drawn = {point.image for one in _records_of(opened, before) for point in one.audit.values()}
    return Counter(point.image for point in audited if point.image in drawn)


def _drawn_from(opened: OpenRun, draw: Draw, there: frozenset[int]) -> frozenset[int]:
    """Those images of some that had a result, and all points that they have now, when photos were drawn.

    That another classifier labels them now is nothing to an audit, as long as no photo of the run trained it: it says
    other things of an audited photo, and of the others likewise.
    """
    without_result = frozenset(from_ranges(draw.without_result))
    return there.intersection(
        image for image, unit in without_new(opened, draw.plan).items() if unit not in without_result
    )


def came_since(opened: OpenRun, draw: Draw, there: frozenset[int]) -> int:
    """How many of some images were not there to be drawn with the points that they have now."""
    return 0 if draw.plan == opened.state.plan else len(there) - len(_drawn_from(opened, draw, there))


def drawn_from_now(opened: OpenRun) -> bool:
    """Whether photos were drawn from the images of the plan in force."""
    return any(draw.plan == opened.state.plan and not draw.by_class for draw in opened.reviews.index().draws)


def lost_points(opened: OpenRun, records: Sequence[Record]) -> int:
    """How many points of the audit the plan in force does not have."""
    store, lost = opened.reviews, 0
    for draw, kept in zip(store.index().draws, records, strict=True):
        if draw.plan != opened.state.plan:
            rows = record.decode(store.drawn(draw))
            lost = max(lost, sum(row.set is ReviewSet.AUDIT and row.review_id not in kept.rows for row in rows))
    return lost


def triage_gone(opened: OpenRun) -> int:
    """How many photos that a triage showed, and no audit, the plan in force does not have; 0 where photos were drawn
    from its images since."""
    store, keys = opened.reviews, dict[ReviewSet, set[str]]()
    if drawn_from_now(opened):
        return 0
    for draw in store.index().draws:
        if draw.plan != opened.state.plan:
            for row in record.decode(store.drawn(draw)):
                keys.setdefault(row.set, set()).add(row.key)
    shown = keys.get(ReviewSet.TRIAGE, set()) - keys.get(ReviewSet.AUDIT, set())
    return len(shown.difference(image.key for image in opened.plan.images))


def caution_of(opened: OpenRun) -> str:
    """What must be known before a number of a run is believed; "" where nothing, or where an audit has answered it."""
    about = opened.plan.about
    return about.caution if not about.is_until_audit or _is_unaudited(opened) else ""


def notes_of_labels(opened: OpenRun) -> tuple[str, ...]:
    """What tables of cover say beside them of the labels: first what must be known before a number is believed, then
    what the service does not tell."""
    return tuple(filter(None, (caution_of(opened), opened.plan.about.untold)))


def _is_unaudited(opened: OpenRun) -> bool:
    is_audited = has_reviews(opened) and (audit_waits(opened) or bool(load(opened).audited))
    return opened.plan.about.is_until_audit and not is_audited


def audit_waits(opened: OpenRun) -> bool:
    """Whether people labelled points of an audit of a run that is not finished, and may have no result of them yet."""
    index = opened.reviews.index()
    newest = max((kept.number for kept in index.imports), default=0)
    return not opened.state.finished_at and any(
        draw.after_import < newest and not draw.by_class for draw in index.draws
    )


def read_imports(opened: OpenRun) -> Imports:
    """What people handed in; raises RunDamaged for a file that was touched."""
    store = opened.reviews
    files = []
    accepted: set[str] = set()
    for kept in store.index().imports:
        rows = read_labelled(kept.name, store.imported(kept), kept.reading)
        files.append((kept.number, as_peoples(rows) if kept.labelled_by else rows))
        accepted.update(kept.accepted)
    return Imports(tuple(files), frozenset(accepted))


def read_records(opened: OpenRun) -> tuple[Record, ...]:
    """The records of a run's draws, in their order; of an earlier plan's, what the plan in force has too.

    Raises RunDamaged for one that was touched or is of another run.
    """
    return _records_of(opened, opened.reviews.index().draws)


def labels_of_undone(opened: OpenRun, found: Reviews) -> int:
    """How many points people labelled that draws have which were undone, and no other draw."""
    undone = _records_of(opened, [undone.draw for undone in opened.reviews.index().undone])
    places = {place_of(point) for one in undone for point in one.own}
    return sum(point.drawn is None and (point.image, point.point) in places for point in found.points)


def _records_of(opened: OpenRun, draws: Sequence[Draw]) -> tuple[Record, ...]:
    layout, plan, store = opened.layout, opened.plan, opened.reviews
    keys = {image.key: number for number, image in enumerate(plan.images)} if draws else {}
    found = []
    for draw in draws:
        try:
            rows = record.decode(store.drawn(draw))
            if draw.plan == opened.state.plan:
                drawn = record.drawn_in(plan, keys, rows)
            else:
                drawn = record.still_there(plan, keys, rows, without_new(opened, draw.plan), partial(places_of, opened))
        except ValueError as error:
            raise RunDamaged(f"{layout.drawn(draw.number)}: it is of another run: {error}") from error
        found.append(Record(draw.number, draw.after_import, drawn))
    return tuple(found)


def places_of(opened: OpenRun, images: Collection[int]) -> dict[Place, Point]:
    """The row and column of each point of some images that succeeded."""
    return {
        (image, number): Point(point.row, point.column)
        for image, points in opened.points(images)
        for number, point in enumerate(points, start=1)
    }


def points_there(opened: OpenRun) -> NDArray[np.float64]:
    """How many points with a result each image of the plan has."""
    found = np.zeros(len(opened.plan.images))
    succeeded = list(opened.plan_state.succeeded())
    found[succeeded] = np.array(opened.plan.point_counts, float)[succeeded]
    return found


def has_reviews(opened: OpenRun) -> bool:
    """Whether people have handed in anything about a run."""
    return bool(opened.reviews.index().imports)
