"""A run's points, and people's labels of them, put into the CoralNet source that its photos are in.

Rule: CoralNet deletes all points and annotations of the photos that a table of points names, takes every label for a
confirmed one, and trains the source's next classifiers on it. So all of it is shown before, photo by photo where
people's work goes, and asked about. A machine's labels never go: a classifier that learns from its own answers keeps
its mistakes, and nobody can tell them from people's labels later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from coralrun.app.applying.annotations import AnnotateOptions, Annotating, Points, look
from coralrun.app.chosen_run import run_or_last
from coralrun.app.reach import reach
from coralrun.app.reporter import Reporter
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import open_run
from coralrun.errors import EXIT_COMPLETE
from coralrun.ports import AnnotationPlace
from coralrun.values.phrases import count

PHOTOS_AT_ONCE: Final = 100
POINTS_AT_ONCE: Final = 20_000  # upload, observed: 6,000 take CoralNet a second
_SHOWN: Final = 5
_WHOSE: Final = "of the source's classifier if it has one, or of people"


def annotate(run_dir: Path | None, options: AnnotateOptions, reporter: Reporter) -> int:
    """Put a run's points into a source; raises UsageError where none of its photos is there, InvalidInput for labels
    that the source does not have."""
    chosen = run_or_last(run_dir, reporter, changes=not options.yes)
    with reaching(chosen):
        opened = open_run(chosen)
    connection = reach(opened.plan.service, opened.plan.options, reporter, must_have_account=True)
    try:
        place = connection.annotation_place(options.to)
        found = look(opened, options, place, connection, reporter)
        reporter.lines(_lines(found, options))
        if found.wanted and not options.yes and not reporter.agrees("Write them?", is_lasting=True):
            reporter.say("Nothing was written.")
            found.wanted = {}
        unseen = _put(found, place, reporter)
    finally:
        connection.close()
    written = len(found.wanted)
    if written:
        later = f"; those of {len(unseen):,} can be read once they have labels, {_WHOSE}" if unseen else ""
        reporter.say(f"{count(written, 'photo')} written, and {written - len(unseen):,} read back as sent{later}.")
    reporter.document(_document(chosen, options, found, unseen))
    return EXIT_COMPLETE


def _put(found: Annotating, place: AnnotationPlace, reporter: Reporter) -> list[str]:
    """Write some photos after the other; the names of those whose points do not show yet."""
    unseen: list[str] = []
    done = 0
    for some in _parts(found.wanted):
        reporter.doing(f"writing points: {done:,} of {len(found.wanted):,} photos")
        unseen += place.put(some, found.images, found.shown)
        done += len(some)
    return unseen


def _parts(wanted: Points) -> Iterator[Points]:
    part: Points = {}
    for name, points in wanted.items():
        if part and (len(part) == PHOTOS_AT_ONCE or sum(map(len, part.values())) + len(points) > POINTS_AT_ONCE):
            yield part
            part = {}
        part[name] = points
    if part:
        yield part


def _lines(found: Annotating, options: AnnotateOptions) -> Iterator[str]:
    points = [point for listed in found.wanted.values() for point in listed]
    labels = sum(point.is_persons for point in points)
    what = count(len(points), "point") + (f", {count(labels, 'label')}" if options.with_labels else "")
    yield f"Points of {count(len(found.wanted), 'photo')} for source {options.to}: {what}"
    yield from _named("left out, for the run does not know them to be in the source", found.elsewhere)
    yield from _named("left out, for the source no longer has them", found.gone)
    yield from _named("there already, as the run has them", found.done)
    why = "left out, for people have annotated them there (--replace-existing-annotations deletes what they did)"
    yield from _named(why, found.withheld)
    if not found.wanted:
        return
    yield "  CoralNet DELETES all points and annotations that these photos have, and lays these points instead:"
    annotated = found.annotated
    machine = sum(bool(found.shown.get(name)) and name not in annotated for name in found.wanted)
    yield f"  people's annotations go of {count(len(annotated), 'photo')}, a machine's alone of {machine:,}"
    yield from (f"    {name}: {count(number, 'annotation')} of people's DELETED" for name, number in annotated.items())
    if options.with_labels:
        yield "  the labels become CONFIRMED annotations: the source's next classifiers are trained on them"
    yield "  points without a label get that of the source's own classifier, unconfirmed, if it has one"


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        rest = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        yield f"  {what}: {count(len(names), 'photo')}: {', '.join(names[:_SHOWN])}{rest}"


def _document(run_dir: Path, options: AnnotateOptions, found: Annotating, unseen: Sequence[str]) -> dict[str, Any]:
    return {
        "run_dir": str(run_dir),
        "to": options.to,
        "written": list(found.wanted),
        "not_shown_yet": list(unseen),
        "deleted": found.annotated,
        "there_already": found.done,
        "left_out": {"not_known_there": found.elsewhere, "gone": found.gone, "annotated": found.withheld},
    }
