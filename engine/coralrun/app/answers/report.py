"""The report of a run: everything that it shows is gathered here, and written as one file.

Rule: same run directory, same bytes: photos are kept once they are fetched, and no time but the run's own is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from coralrun.accuracy.agreement import agreement_of_audit
from coralrun.accuracy.by_unit import bias_by_unit_of_audit
from coralrun.accuracy.corrected import corrected
from coralrun.accuracy.corrected_text import why_not_corrected
from coralrun.accuracy.standing import since_words
from coralrun.app.answers.corrected_cover import by_class_if_may_be
from coralrun.app.answers.cover import counting, reader_by_label_if_need_be
from coralrun.app.answers.fetching import fetching
from coralrun.app.answers.kept_reviews import caution_of, has_reviews, load, points_there
from coralrun.app.answers.own_confusion import confusion_of
from coralrun.app.answers.training import histories_of, untrained
from coralrun.app.reporter import Reporter
from coralrun.app.run.photos import Photos
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Fetch
from coralrun.cover.reader import Reader
from coralrun.errors import UsageError
from coralrun.files.given import beginning_of
from coralrun.report import facts, methods, palette
from coralrun.report.cover import cover_of, main_grouping, names_of
from coralrun.report.model import Cover, Doubtful, Guess, Report, Review, Shown, TwoPhase
from coralrun.report.render import render
from coralrun.report.review import review_of, two_phase_of
from coralrun.report.single_points import Passing, spread
from coralrun.results import pictures
from coralrun.results.counts import LabelCounts
from coralrun.results.pictures import Mark
from coralrun.review.reviewed import Reviews
from coralrun.values.classified import LabelKey, ScoredPoint
from coralrun.values.phrases import count as counted

MOST_DOUBTS: Final = 8
OURS: Final = b'<meta name="generator" content="coralrun">'
_SNIFFED_BYTES: Final = 2000
_SHOWN: Final = 5
_GUESSES: Final = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A run as it is read for its report: its cover, and the name under which a label's points are shown.

    `by_label` is true where its label groups did not serve, and cover is by label alone.
    """

    cover: Cover | None
    no_cover: str
    review: Review | None
    two_phase: TwoPhase | None
    names: Mapping[LabelKey, str]
    passing: Passing
    by_label: bool


def thumbnails_of(opened: OpenRun) -> int:
    """How many photos the report of a run shows: as many as is usual at its service, unless the survey says."""
    wanted = opened.plan.analysis.thumbnails
    if wanted is not None:
        return wanted
    return opened.plan.about.thumbnails


def passing_of(opened: OpenRun, thumbnails: int | None = None) -> Passing:
    """What a report wants of single points; to be watched by while all of them are read."""
    count = thumbnails_of(opened) if thumbnails is None else thumbnails
    return Passing(spread(sorted(opened.plan_state.succeeded()), count), MOST_DOUBTS)


def write_report(opened: OpenRun, counts: LabelCounts, passing: Passing) -> None:
    """Write a run's report into its directory, with the photos that are kept already: nothing is asked of anybody."""
    disk, layout = opened.disk, opened.layout
    disk.make_directory(layout.report, shared=True)
    disk.replace(layout.report_page, _page(opened, counts, passing, None, thumbnails_of(opened)))


def illustrate(opened: OpenRun, fetch: Fetch) -> None:
    """Fetch the photos that the report of a finished run wants, if it wants any, and write it again with them.

    This is no part of the run: it may be interrupted at any moment, and `coralrun report` makes up for it.
    """
    if thumbnails_of(opened):
        opened.disk.replace(opened.layout.report_page, build(opened, fetch))


def build(opened: OpenRun, fetch: Fetch | None, thumbnails: int | None = None) -> bytes:
    """A run's report as HTML, with so many photos, or as many as the survey says."""
    count = thumbnails_of(opened) if thumbnails is None else thumbnails
    passing = passing_of(opened, count)
    found, counts = counting(opened)
    for _ in passing.watch(found):
        pass
    opened.disk.make_directory(opened.layout.report, shared=True)
    return _page(opened, counts(), passing, fetch if count else None, count)


def write_anew(opened: OpenRun, out: Path | None, thumbnails: int | None, reporter: Reporter) -> tuple[Path, int]:
    """Write a run's report, to its own place if not `out`; where, and how many bytes. Raises as `check_out`."""
    if out is not None:
        check_out(out)
    with fetching(opened, reporter) as fetch:
        page = build(opened, fetch, thumbnails)
    target = out or opened.layout.report_page
    opened.disk.replace(target, page)
    return target, len(page)


def _page(opened: OpenRun, counts: LabelCounts, passing: Passing, fetch: Fetch | None, thumbnails: int) -> bytes:
    reading = _read(opened, counts, passing)
    return render(_report(opened, reading, fetch, thumbnails))


def check_out(path: Path) -> None:
    """Raise UsageError when a report cannot be written to a path, or would take the place of something else."""
    remedy = "Give --out another place."
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: not a file in a folder that is there", remedy=remedy)
    if path.exists() and not (path.is_file() and OURS in beginning_of(path, _SNIFFED_BYTES)):
        raise UsageError(f"{path}: is not a report; it would be overwritten", remedy=remedy)


def _read(opened: OpenRun, counts: LabelCounts, passing: Passing) -> Reading:
    """Make of a run's counts what its report says of cover."""
    reader, said = reader_by_label_if_need_be(opened, counts)
    cover, review, two_phase = cover_of(reader, opened.plan.analysis), None, None
    if cover is None:
        return Reading(None, _no_cover(reader), None, None, names_of(reader, counts), passing, bool(said))
    if said:
        cover = replace(cover, notes=(said.replace("\n", " ").rstrip("."), *cover.notes))
    if has_reviews(opened):
        review, cover = _reviewed(opened, reader, cover)
        two_phase = two_phase_of(by_class_if_may_be(opened, load(opened), counts))
    return Reading(cover, "", review, two_phase, names_of(reader, counts), passing, bool(said))


def _reviewed(opened: OpenRun, reader: Reader, cover: Cover) -> tuple[Review | None, Cover]:
    """What people's labels make of the cover; a label of theirs that is in no group leaves it as it is, and says so."""
    reviews = load(opened)
    cover = replace(cover, notes=(*cover.notes, *_held(reviews)))
    try:
        frame = corrected(reader, opened.plan, opened.plan.analysis, reviews)
    except UsageError as error:
        return None, replace(cover, notes=(*cover.notes, f"What people reviewed is not used: {error.message}"))
    if not reviews.audited and reviews.elsewhere:
        why = why_not_corrected(frame, reviews.elsewhere)
        cover = replace(cover, notes=(*cover.notes, f"Cover is not corrected: {why}"))
    plan, there, grouping = opened.plan, points_there(opened), main_grouping(reader).name
    agreement = agreement_of_audit(plan, reviews, there, untrained(histories_of(opened)))
    by_unit = bias_by_unit_of_audit(plan, reviews, there, grouping)
    stratum = plan.analysis.design.strata_field or ""
    review, answered = review_of(frame, grouping, cover, len(reviews.audited), agreement, by_unit, stratum)
    if review is not None and reviews.parts.apart:
        came = since_words(len(reviews.parts.later), is_learnt_from=reviews.is_learnt_from)
        review = replace(review, apart=came)
    return review, answered


def _held(reviews: Reviews) -> Iterator[str]:
    """What is to be said of rows that are held back for their labels, if there are any."""
    if reviews.held:
        codes = dict.fromkeys(held.code for held in reviews.held)
        named = ", ".join(islice(codes, _SHOWN)) + (", ..." if len(codes) > _SHOWN else "")
        points = counted(len(reviews.held), "point")
        yield f"Labels of people that the run does not know are not used ({points}: {named})"


def _no_cover(reader: Reader) -> str:
    if not reader.counts.total.any():
        return "No photo has predictions."
    return " ".join(f"{note}." for note in reader.sampled.notes) or "No point is usable."


def _report(opened: OpenRun, reading: Reading, fetch: Fetch | None, thumbnails: int) -> Report:
    plan, state, identity, cover = opened.plan, opened.state, opened.identity, reading.cover
    patches = {doubt.image: (doubt.point, Mark(at.row, at.column)) for doubt, at in reading.passing.doubts()}
    photos = Photos(opened, reading.passing.points, patches, fetch)
    order = [estimate.what for estimate in cover.overall] if cover is not None else []
    colours = palette.coloured(order)
    shown = tuple(_shown(opened, reading, photos, colours)) if thumbnails else ()
    doubtful = tuple(_doubtful(opened, reading.passing, photos if thumbnails else None))
    totals, caution = facts.totals_of(plan, opened.plan_state), caution_of(opened)
    return Report(
        name=identity.name,
        service=plan.about.address or plan.about.described,
        caution=caution,
        totals=totals,
        cover=cover,
        no_cover=reading.no_cover,
        review=reading.review,
        two_phase=reading.two_phase,
        doubtful=doubtful,
        shown=shown,
        no_pictures=_no_pictures(photos, thumbnails),
        colours=tuple(colours.items()),
        failures=facts.failures_of(plan, opened.plan_state),
        jobs=facts.jobs_of(state),
        started=identity.created_at,
        finished=state.finished_at,
        methods=methods.methods(
            opened.by_label.plan if reading.by_label else plan,
            identity.coralrun,
            totals,
            cover,
            reading.review,
            two_phase=reading.two_phase,
            caution=caution,
        ),
        citations=tuple(methods.citations(plan, identity.coralrun, cover, reading.review, reading.two_phase)),
        provenance=tuple(facts.provenance_of(identity, plan, state)),
        own_figures=facts.own_figures_of(confusion_of(opened)),
    )


def _shown(opened: OpenRun, reading: Reading, photos: Photos, colours: Mapping[str, str]) -> list[Shown]:
    found = []
    for number, points in sorted(reading.passing.points.items()):
        small = photos.small(number)
        if small is None:
            continue
        names = [_name(reading.names, point) for point in points]
        marks = [
            Mark(point.row, point.column, colours.get(name, palette.REST))
            for point, name in zip(points, names, strict=True)
        ]
        image = opened.plan.images[number]
        counts = tuple(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
        found.append(
            Shown(
                name=image.name,
                place=", ".join(filter(None, image.metadata)),
                picture=pictures.jpeg(small.marked(marks)),
                counts=counts,
            )
        )
    return found


def _name(names: Mapping[LabelKey, str], point: ScoredPoint) -> str:
    best = point.classifications[0]
    return names.get(best.label_key, best.label_code)


def _doubtful(opened: OpenRun, passing: Passing, photos: Photos | None) -> list[Doubtful]:
    found = []
    for doubt, scored in passing.doubts():
        image = opened.plan.images[doubt.image]
        picture = b"" if photos is None else photos.patch(doubt.image)
        guesses = tuple(
            Guess(code=guess.label_code, name=guess.label_name, score=guess.score)
            for guess in scored.classifications[:_GUESSES]
        )
        found.append(
            Doubtful(
                name=image.name,
                source=image.source,
                point=doubt.point,
                row=scored.row,
                column=scored.column,
                guesses=guesses,
                picture=picture,
            )
        )
    return found


def _no_pictures(photos: Photos, thumbnails: int) -> str:
    """Why pictures are missing; "" where none are."""
    if not thumbnails:
        return "To see them, fetch some photos: coralrun report RUN --thumbnails 12."
    if not photos.missing:
        return ""
    return f"{photos.missing} pictures are missing: {photos.why or 'their photos were not fetched'}."
