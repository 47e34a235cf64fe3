"""Review by people: draw what is to be looked at. `review_import` takes back what was said.

Rule: only a finished run is drawn from, because its images are known for good, and the probabilities with them. A
further draw goes on with the audit that there is, spread in the same way; the same request hands out the same draw
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from coralrun.accuracy.by_class import machine_classes
from coralrun.app.answers.cover import fields_of, reader_of
from coralrun.app.answers.kept_reviews import came_since, has_reviews, other_units, parts_of, places_of, read_records
from coralrun.app.answers.other_points import is_of_all_now
from coralrun.app.answers.outputs import seal, write_tables
from coralrun.app.reviewing.candidates import candidates_of, left_out_of, spread_over, value_of
from coralrun.app.reviewing.handed import in_sample_of, labelled_already
from coralrun.app.run.run_directory import OpenRun, holding, unseal
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.estimates.units import describe_units
from coralrun.machine.runs import Runs, to_ranges
from coralrun.planning.model import Plan
from coralrun.review import record, sets
from coralrun.review import table as review_table
from coralrun.review.audit import (
    Candidate,
    audit_points,
    draw_images,
    with_probabilities,
)
from coralrun.review.by_class import draw_by_class
from coralrun.review.drawing import Drawing, SampleRequest, rows_of
from coralrun.review.draws import Place, Record, place_of, restated, same_probabilities
from coralrun.review.reviewed import Parts
from coralrun.review.sets import Census, DrawnPoint, ReviewSet, Wanted
from coralrun.store.reviews import Draw, ReviewStore
from coralrun.values.phrases import typed


def draw(
    opened: OpenRun, request: SampleRequest, clock: SystemClock, file: Callable[[int], str] = lambda number: ""
) -> Drawing:
    """Draw an audit and a triage from a finished run, and keep the record. Takes the run's lock.

    `file` says by the number of the draw in which file it is handed out. Where there is an audit already, this is a
    further part of it. Raises UsageError where nothing is left to draw, or
    where the audit that there is was spread in another way.
    """
    wanted, only = request.wanted, request.only_set
    request = replace(request, by=fields_of(opened.plan, [request.by])[0]) if request.by else request
    if not opened.state.finished_at:
        raise UsageError(
            f"{opened.layout.root} is not finished, and a sample is drawn from all that has predictions in the end",
            remedy=f"Go on with it first: coralrun resume {opened.layout.root}",
        )
    with holding(opened.layout):
        store = opened.reviews
        records = read_records(opened)
        census = sets.take_census(opened.blocks())
        parts = parts_of(opened)
        candidates, without_unit = candidates_of(opened.plan, sorted(census.points), request.by, parts)
        if not candidates:
            raise UsageError(f"{opened.layout.root} has no image to review")
        draws = store.index().draws
        same = next((index for index, draw in enumerate(draws) if _is_the_same(opened.plan, draw, request)), None)
        if same is None:
            if request.by_class:
                new = _by_class(opened, request, draws, records)
            else:
                earlier = _earlier(opened, request, draws, records, census, candidates, parts)
                new = _further(opened, request, wanted, census, candidates, earlier)
            _must_have(opened, new.drawn, request, only)
            added = _keep(opened, store, request, clock, new, census, file)
            number, drawn, before, later = added.number, new.drawn, records, 0
        else:
            number, drawn, before = draws[same].number, records[same].own, records[:same]
            _must_be_of_now(opened, draws, same, drawn)
            later = came_since(opened, draws[same], frozenset(census.points))
            _must_have(opened, drawn, request, only)
            if draws[same].file != file(number):
                unseal(opened.layout, opened.disk)
                store.hand_out_in(draws[same], file(number))
                seal(opened)
    earlier_images = _audited(point for record in before for point in record.audit.values())
    labelled = labelled_already(opened, drawn)
    handed = rows_of(number, drawn, only, labelled)
    if labelled and not handed:
        further = f"Draw others: --seed {max(draw.seed for draw in opened.reviews.index().draws) + 1}."
        raise UsageError(f"each point of review {number} is labelled already, and counts", remedy=further)
    stored = opened.state.stored
    in_sample, undated = in_sample_of(opened, {point.image for point in drawn if point.set is not ReviewSet.TRIAGE})
    table = b"".join(review_table.handed_out(opened.plan, opened.blocks(), handed, blind=request.blind, stored=stored))
    return Drawing(
        number=number,
        table=table,
        drawn=drawn,
        only=only,
        labelled=labelled,
        unit=opened.plan.analysis.design.unit or "",
        without_unit=without_unit,
        is_again=same is not None,
        later_images=later,
        earlier_images=len(earlier_images),
        out_of_reach=left_out_of(opened.plan, parts, candidates, earlier_images | _audited(drawn)),
        in_sample=in_sample,
        undated=undated,
    )


def _audited(points: Iterable[DrawnPoint]) -> frozenset[int]:
    """The images of an audit among some points."""
    return frozenset(point.image for point in points if point.set is ReviewSet.AUDIT)


def _must_be_of_now(opened: OpenRun, draws: Sequence[Draw], same: int, drawn: Sequence[DrawnPoint]) -> None:
    """Raise UsageError where the draw that is asked for again corrects nothing, for the points have changed since."""
    draw = draws[same]
    if not drawn or (draw.by_class and not is_of_all_now(opened, draw)):
        raise UsageError(
            f"review {draw.number} of {opened.layout.root} was asked for in the same words, and drawn when the survey "
            f"had other points (plan {draw.plan}): labels of it correct nothing",
            remedy=f"Draw from those that it has now: --seed {max(one.seed for one in draws) + 1}.",
        )


def _must_have(opened: OpenRun, drawn: Sequence[DrawnPoint], request: SampleRequest, only: ReviewSet | None) -> None:
    """Raise UsageError where `only` a set is asked for of which the draw has no point."""
    if only is not None and not any(point.set is only for point in drawn):
        raise UsageError(
            f"--only {typed(request.only)}: --sample {request.sample} of {opened.layout.root} has no point of that set",
            remedy="Leave out --only.",
        )


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What earlier draws have had: the audit as it stands, and the points of every triage, or drawn by class."""

    audit: Mapping[str, DrawnPoint]
    triage: frozenset[Place]

    @property
    def images(self) -> frozenset[int]:
        return frozenset(point.image for point in self.audit.values())


@dataclass(frozen=True, slots=True)
class _New:
    """A further draw: what it hands out, and the earlier audit with the probabilities that it has since."""

    drawn: tuple[DrawnPoint, ...]
    earlier: tuple[tuple[str, DrawnPoint], ...]


def _is_the_same(plan: Plan, draw: Draw, request: SampleRequest) -> bool:
    """Whether a draw was asked for in the same words; blind or not, as a table or a page, it is the same sample."""
    ours = (request.sample.strip(), spread_over(plan, request.by), request.seed, request.per_image, request.by_class)
    return (draw.sample.strip(), spread_over(plan, draw.by), draw.seed, draw.per_image, draw.by_class) == ours


def _earlier(
    opened: OpenRun,
    request: SampleRequest,
    draws: Sequence[Draw],
    records: Sequence[Record],
    census: Census,
    candidates: Sequence[Candidate],
    parts: Parts,
) -> _Earlier:
    """What earlier draws have had; raises UsageError where a further one would be of another design."""
    triage = frozenset(place_of(point) for one in records for point in one.own if point.set is not ReviewSet.AUDIT)
    of_images = [draw for draw in draws if not draw.by_class]
    if not of_images:
        return _Earlier({}, triage)
    by = spread_over(opened.plan, of_images[-1].by)
    if by != spread_over(opened.plan, request.by):
        raise UsageError(
            f"the audit of {opened.layout.root} is spread {f'by `{by}`' if by else 'over the design units alone'}, "
            "and a further draw goes on with it",
            remedy=f"Say --by {by}." if by else "Leave out --by.",
        )
    audit = {key: point for one in records for key, point in one.audit.items()}
    earlier = _Earlier(audit, triage)
    now = dict(restated(audit, with_probabilities(candidates, earlier.images), census.points))
    is_as_then = of_images[-1].plan == opened.state.plan and not parts.apart
    if other_units(opened) or (is_as_then and not same_probabilities(audit, now)):
        raise UsageError(
            f"the audit of {opened.layout.root} (up to review {records[-1].number}) was drawn from other units than it "
            "has now: no further draw can go on with it",
            remedy="Give the survey the `design` back that it had then, for the time of the draw.",
        )
    return earlier


def _further(
    opened: OpenRun,
    request: SampleRequest,
    wanted: Wanted,
    census: Census,
    candidates: Sequence[Candidate],
    earlier: _Earlier,
) -> _New:
    had = earlier.images
    if had.issuperset(candidate.image for candidate in candidates):
        raise UsageError(
            f"every image of {opened.layout.root} is in the audit already",
            remedy="Import what was handed out. To have it handed out again, ask for it in the same words.",
        )
    images = draw_images(candidates, wanted, request.seed, had)
    further = [drawn for drawn in images if drawn.image not in had]
    added = [replace(drawn, stratum=value_of(opened.plan, request.by, drawn.image)) for drawn in further]
    audit = tuple(audit_points(added, census.points, request.per_image, request.seed))
    audited = frozenset(image.image for image in images)
    triage = sets.triage_points(opened.blocks(), census, audited, _points_wanted(wanted, len(audit)), earlier.triage)
    return _New((*audit, *triage), tuple(restated(earlier.audit, images, census.points)))


def _by_class(opened: OpenRun, request: SampleRequest, draws: Sequence[Draw], records: Sequence[Record]) -> _New:
    """Further points drawn by what the machine calls them; raises UsageError for a level that is none."""
    reader = reader_of(opened)
    classes = machine_classes(reader, opened.plan.analysis, request.by_class)
    if classes is None:
        levels = [grouping.name for grouping in reader.classes.groupings]
        raise UsageError(
            f"--by-class {typed(request.by_class)}: the run has no such level",
            remedy=f"Choose one of: {', '.join(levels)}.",
        )
    before = next((draw.by_class for draw in draws if draw.by_class), request.by_class)
    if before != request.by_class:
        raise UsageError(
            f"points of {opened.layout.root} were drawn by `{before}`, and a further draw goes on with it",
            remedy=f"Say --by-class {before}.",
        )
    kept = (one for draw, one in zip(draws, records, strict=True) if draw.by_class and is_of_all_now(opened, draw))
    earlier = [place_of(point) for one in kept for point in one.own]
    drawn = tuple(draw_by_class(opened.blocks(), classes, request.points_wanted, request.seed, earlier))
    if not drawn:
        raise UsageError(f"every point of {opened.layout.root} is drawn already", remedy="Import what was handed out.")
    return _New(drawn, ())


def _keep(
    opened: OpenRun,
    store: ReviewStore,
    request: SampleRequest,
    clock: SystemClock,
    new: _New,
    census: Census,
    file: Callable[[int], str],
) -> Draw:
    """Keep the record of a draw, and rebuild what is derived of the run; the caller holds its lock."""
    unseal(opened.layout, opened.disk)
    asked = {
        "sample": request.sample,
        "by": request.by,
        "seed": request.seed,
        "blind": request.blind,
        "per_image": request.per_image,
        "by_class": request.by_class,
        "design": describe_units(opened.plan.analysis.design),
        "plan": opened.state.plan,
        "without_result": _without_result(opened, census),
    }
    places = places_of(opened, {point.image for point in (*new.drawn, *dict(new.earlier).values())})
    added = store.add_draw(
        asked,
        clock.utc(),
        lambda number: record.encode(opened.plan, places, new.drawn, number, new.earlier),
        file,
    )
    rebuild(opened)
    return added


def rebuild(opened: OpenRun) -> None:
    """Make anew what is derived of the draws and of what people said; the caller holds the run's lock."""
    if has_reviews(opened):
        write_tables(opened)  # they say of each reviewed point in which set it is
    else:
        seal(opened)


def _without_result(opened: OpenRun, census: Census) -> Runs:
    """The units of the plan in force that no points could be drawn from."""
    return to_ranges(sorted(unit for image, unit in enumerate(opened.units.unit_of) if image not in census.points))


def _points_wanted(wanted: Wanted, audit: int) -> Wanted:
    """The size of the triage: the same share, of points; for a number of images, as many points as the audit has."""
    return wanted if wanted.share is not None else Wanted(count=audit)
