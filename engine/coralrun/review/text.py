"""A review as lines for people: what was drawn, and what came of a file that was taken back. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.drawing import Drawing, HandedOut, SampleRequest, UndoneDraw, filled_in
from coralrun.review.labels import Held
from coralrun.review.other_points import OtherPoints, of_draw
from coralrun.review.page.room import BYTES_PER_MB, PageSize
from coralrun.review.reach import LEAST_UNITS, OutOfReach
from coralrun.review.reviewed import FileOutcome, ReviewedPoint, Reviews, Taken
from coralrun.review.sets import ReviewSet
from coralrun.review.whose_labels import OPTION
from coralrun.values.phrases import count, typed

_SHOWN = 20


def drawn_lines(run: Path, request: SampleRequest, handed: HandedOut) -> Iterator[str]:
    """What was drawn from a run, and what to do with the file that it was written to."""
    drawing = handed.drawing
    yield f"{handed.file}: review {drawing.number} of {run}, seed {request.seed}"
    if drawing.is_again:
        yield "  handed out before: the same sample was asked for. For further images, give another --seed"
        if drawing.later_images:
            yield f"  not in it: {count(drawing.later_images, 'image')} that came, had points moved or succeeded since"
    if drawing.of_class:
        yield f"  {count(len(drawing.drawn), 'point')} drawn by what the machine calls them, each class at random:"
        yield from (f"    {points:6,}  {name}" for name, points in sorted(drawing.of_class.items()))
        if drawing.labelled:
            are = "is" if len(drawing.labelled) == 1 else "are"
            yield f"    {len(drawing.labelled):6,}  of all {are} labelled already: left out of the file, and they count"
    else:
        yield from _set_lines(drawing)
    if drawing.in_sample:
        images = count(drawing.in_sample, "image")
        yield f"  IN-SAMPLE: the classifier may have been trained on {images} of these; expect it to err more elsewhere"
    if drawing.undated:
        asks = f"`coralrun accuracy {typed(run)} --from-source` asks"
        yield f"          {count(drawing.undated, 'image')} without a date of annotation since the last plan: {asks}"
    if handed.page is not None:
        yield from _page_lines(drawing, handed.page)
    yield from _what_to_do(run, request, handed)


def _set_lines(drawing: Drawing) -> Iterator[str]:
    """The audit and the triage of a draw, and which of them is not handed out."""
    points = f"{count(drawing.audit_points, 'point')} on {count(drawing.audit_images, 'image')}, drawn at random"
    yield f"  audit   {points}: {_fate(drawing, ReviewSet.AUDIT, 'these may correct cover')}"
    if drawing.earlier_images:
        yield f"          one audit with the {count(drawing.earlier_images, 'image')} of earlier reviews"
    points = f"{count(drawing.triage_points, 'point')} that the machine is least sure of"
    yield f"  triage  {points}: {_fate(drawing, ReviewSet.TRIAGE, 'these correct themselves alone')}"


def _fate(drawing: Drawing, of: ReviewSet, good_for: str) -> str:
    return good_for if drawing.only in (None, of) else f"not in this file. --only {of} hands them out"


def _page_lines(drawing: Drawing, page: PageSize) -> Iterator[str]:
    """How large a page is, and what to do for one that is smaller or has larger photos."""
    one = "" if drawing.only is not None or drawing.of_class else ", or hand out one set with --only"
    most = f"--page-mb {page.most_bytes / BYTES_PER_MB:g}"
    yield f"  page    {page.page_bytes / BYTES_PER_MB:.1f} MB"
    if page.missing:
        yield f"  warning: no picture of {count(page.missing, 'photo')} on it, the first because: {page.why}"
        yield "          once they can be had, call this again: the same points are handed out"
    if page.page_bytes > page.most_bytes:
        yield f"  warning: the page has more than {most}, by its points alone: draw fewer{one}"
    elif page.left_out:
        yield f"          {count(page.left_out, 'whole photo')} left out, to keep to {most}: allow more{one}"
    elif page.smallest_px:
        smaller = f"whole photos are made smaller, the smallest {page.smallest_px} pixels across"
        yield f"          {smaller}, to keep to {most}:"
        yield f"          allow more{one}"


def _what_to_do(run: Path, request: SampleRequest, handed: HandedOut) -> Iterator[str]:
    drawing = handed.drawing
    if not drawing.unit:
        yield "  warning: the survey names no `design: {unit: ...}`, so an audit gives no interval"
    if drawing.out_of_reach is not None and drawing.audit_points:
        yield from _reach_lines(drawing.out_of_reach, request.seed + 1)
    if drawing.without_unit:
        yield f"  {count(len(drawing.without_unit), 'image')} without a unit or stratum, which cannot be drawn"
    do = "open it, label the points, save the table" if handed.page is not None else "fill in `label_code`"
    yield f"  {do}, then: coralrun review import {typed(run)} {typed(filled_in(handed.file))}"


def _reach_lines(left_out: OutOfReach, seed: int) -> Iterator[str]:
    """That an audit, reviewed as it is, leaves corrected cover with no interval or a wide one, and what helps."""
    if left_out.parts:
        parts = count(left_out.parts, "part")
        yield f"  warning: no corrected cover will come of this: {parts} of units without a photo of the audit"
        yield "          (photos that came, or got this classifier, since an earlier draw are parts of their own)"
        reached = "every part"
    else:
        named = [f"{f'`{name}` ' if name else ''}({drawn} of {n})" for name, (drawn, n) in left_out.strata.items()]
        some = ", ".join(named[:_SHOWN])
        where = f"all {some}" if "" in left_out.strata else f"{'stratum' if len(named) == 1 else 'strata'} {some}"
        few = left_out.least <= LEAST_UNITS
        what = "no interval of corrected cover" if few else "only wide intervals of corrected cover"
        units = "two units" if few else f"{left_out.least} units, and not all,"
        yield f"  warning: {what} will come of this: fewer than {units} are drawn in {where}"
        reached = "enough units"
    further = f"--sample {left_out.further} --seed {seed}"
    yield f"          {further} draws as many images more beside these, and reaches {reached}"


def undone_lines(run: Path, undone: UndoneDraw) -> Iterator[str]:
    """That a review was undone, and what that means."""
    of = f"{count(undone.points, 'point')} on {count(undone.images, 'image')}"
    yield f"{run}: review {undone.number} is undone: {of}, none of them labelled"
    yield "  throw away what was handed out for it: labels on that would correct nothing"
    yield f"  left: {count(undone.left, 'review')}"


def taken_lines(run: Path, taken: Taken) -> Iterator[str]:
    """What came of a file, and how the reviews of the run stand since."""
    outcome, found = taken.outcome, taken.reviews
    held = f", {len(outcome.held):,} HELD BACK: see below" if outcome.held else ""
    yield f"{run}: import {outcome.number}: {outcome.labelled:,} of {outcome.rows:,} rows taken{held}"
    if taken.said:
        yield f"  {taken.said}"
    yield from (f"  {note}" for note in taken.notes)
    yield from _left_lines(outcome, found)
    yield from _standing_lines(found)


def _left_lines(outcome: FileOutcome, found: Reviews) -> Iterator[str]:
    """What is not taken of a file, and is no mistake in a label."""
    yield f"  without a label yet: {outcome.empty:,}"
    if outcome.machines:
        yield f"  labelled by a machine, and no review: {outcome.machines:,}"
    if outcome.unsaid:
        yield f"  of which nobody says who labelled them: {outcome.unsaid:,} ({OPTION}, if people did)"
    blank = sum(not row.human.is_labelled for row in outcome.unmatched)
    yield f"  not matched: {len(outcome.unmatched):,}{f', {blank:,} of them without a label' if blank else ''}"
    of_draws = [(row, of_draw(row.human, found.other_points)) for row in outcome.unmatched]
    undrawn = [point.row for point in found.points if point.number == outcome.number and point.drawn is None]
    by_chance = Counter(of_draw(row, found.other_points) for row in undrawn)
    yield from _other_points_lines(Counter(draw for _, draw in of_draws if draw is not None), by_chance)
    yield from _rows((row.human, row.why) for row, draw in of_draws if draw is None)
    yield from (f"  names: {line}" for line in outcome.names)
    if outcome.changed:
        yield f"  labelled otherwise before, and the newest label counts: {len(outcome.changed):,}"
        yield from _rows(
            (one.row, f"`{one.label.code}`, and `{one.before.code}` by import {one.number}") for one in outcome.changed
        )


def _other_points_lines(rows: Mapping[OtherPoints, int], by_chance: Mapping[OtherPoints | None, int]) -> Iterator[str]:
    """That rows are of points that a draw handed out, and that the survey does not have any more; `by_chance` counts
    those of them that were taken as of other points."""
    for draw, number in rows.items():
        made = f"review {draw.draw}, made when the survey had other points (plan {draw.plan})"
        still = f"of its {count(draw.points, 'point')} it has {draw.left:,} still"
        taken = by_chance.get(draw, 0)
        new = f"; {count(taken, 'row')} taken, for new points lie there by chance" if taken else ""
        yield f"    {count(number, 'row')} of {made}: {still}{new}"
    if rows:
        yield "    their labels are kept, and count again once the survey has those points"
    if rows and not any(draw.left for draw in rows):
        yield "    NOTHING OF THIS CORRECTS COVER NOW: draw from the points that the survey has now, and label those:"
        yield "    `coralrun review` with another --seed"


def _rows(rows: Iterable[tuple[LabelledPoint, str]]) -> Iterator[str]:
    """The first of some rows by where they stand, each with what is to be said of it."""
    listed = list(rows)
    for row, said in listed[:_SHOWN]:
        at = ", row {}, column {}".format(*row.pixel) if row.extent is None else ""
        yield f"    {row.place}: {row.name}{at}: {said}"
    if len(listed) > _SHOWN:
        yield f"    and {len(listed) - _SHOWN:,} more"


def _standing_lines(found: Reviews) -> Iterator[str]:
    """How the reviews of the run stand, this file among them."""
    if accepted := accepted_labels(found):
        named = ", ".join(f"`{code}` ({points:,})" for code, points in list(accepted.items())[:_SHOWN])
        yield f"  accepted, though the classifier never gave them: {named}"
    yield f"  reviewed in all: {count(len(found.points), 'point')}"
    audited, others = found.audited, found.others
    agreement = ""
    if audited:
        points = count(len(audited), "point")
        agreement = f"; person and machine agree on {agreed(audited):,} of these {points}, each counted the same"
    reviewed, left = count(found.audited_images, "image"), count(found.audit_left, "point")
    yield f"  audit: {reviewed} reviewed, {left} left{agreement}"
    if found.waiting:
        yield f"  a later draw waits for its first label, and takes no part yet: {count(found.waiting, 'point')}"
    if found.by_class:
        waiting = len(found.by_class.keys() - {(point.image, point.point) for point in found.points})
        yield f"  by class: {len(found.by_class) - waiting:,} of {count(len(found.by_class), 'point')} reviewed"
    if others:
        changed = len(others) - agreed(others)
        said = f"{count(len(others), 'point')}, {changed:,} with another label now"
        yield f"  triage and others: {said}; no figure of accuracy"


def held_lines(directory: Path, file: Path, held: Sequence[Held]) -> Iterator[str]:
    """The rows whose label the run does not know, and what to do about them; last, where nobody overlooks it."""
    if not held:
        return
    yield f"  HELD BACK, for the run does not know their labels: {count(len(held), 'row')}"
    for row in held[:_SHOWN]:
        meant = f": did you mean `{row.meant}`?" if row.meant else ""
        meant = f", but its label id is `{row.other}`" if row.other else meant
        yield f"    {row.row.file or file}:{row.row.line}: {row.row.name}: `{row.code}`{meant}"
    if len(held) > _SHOWN:
        yield f"    and {len(held) - _SHOWN:,} more"
    codes = list(dict.fromkeys(row.code for row in held if not row.other and not row.meant))[:_SHOWN]
    yield "  Correct them and import the corrected file." + (
        " Or accept what looks like no other label:" if codes else ""
    )
    if codes:
        options = " ".join(f"--accept-labels {typed(code)}" for code in codes)
        yield f"  coralrun review import {typed(directory)} {typed(file)} {options}"
    if any(row.meant for row in held):
        yield "  A label that looks like another and is meant as it stands is accepted likewise: --accept-labels LABEL"


def accepted_labels(found: Reviews) -> dict[str, int]:
    """People's labels that the classifier gave to no point of this run, with the number of their points."""
    return dict(sorted(Counter(point.human.code for point in found.points if point.human.code in found.new).items()))


def agreed(points: Iterable[ReviewedPoint]) -> int:
    """On how many of the points person and machine agree."""
    return sum(point.agrees for point in points)
