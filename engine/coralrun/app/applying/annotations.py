"""What a run would put into a CoralNet source of points and labels, and what not: looked at, and nothing changed.

Rule: only photos go that the run knows to be there, by their numbers: a name alone may be another photo's. A label goes
only if people gave it, by the code that the source has for it. What people did at the source stays unless it is given
up by name, and what stands there as it is wanted is not written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from coralrun.app.answers import kept_reviews
from coralrun.app.beforehand.inventory import patience_of
from coralrun.app.beforehand.uploads import ids_of
from coralrun.app.reporter import Reporter
from coralrun.app.run.photos_there import photos_in
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Connection
from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.machine.policy import NAMES_AT_ONCE
from coralrun.ports import AnnotationPlace
from coralrun.sources.patience import patiently
from coralrun.values.annotated import AnnotatedPoint, Standing, compare
from coralrun.values.phrases import count

Points = dict[str, list[AnnotatedPoint]]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotateOptions:
    """What a person says: the source by its number; with people's labels or with points alone; whether annotations
    that people made at the source may be deleted."""

    to: int
    with_labels: bool
    replace: bool = False
    yes: bool = False


@dataclass(slots=True)
class Annotating:
    """What is to be written, photo by photo, and what is not, each with the photos that it is true of.

    `images` are the numbers of the photos at the source, `shown` is what stands there, by name.
    """

    images: dict[str, int]
    wanted: Points
    shown: Mapping[str, Sequence[AnnotatedPoint]]
    elsewhere: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    @property
    def annotated(self) -> dict[str, int]:
        """How many of people's annotations each photo to be written has now."""
        persons = {name: sum(point.is_persons for point in self.shown.get(name, ())) for name in self.wanted}
        return {name: number for name, number in persons.items() if number}


def look(
    opened: OpenRun, options: AnnotateOptions, place: AnnotationPlace, connection: Connection, reporter: Reporter
) -> Annotating:
    """What is to be written, and what is not: nothing is changed."""
    codes = place.labelset()
    known = photos_in(opened, options.to)
    wanted, elsewhere = _points(opened, known, codes, options, place.most_points)
    if not wanted:
        what = "point with a label that people gave" if options.with_labels else "point"
        raise UsageError(
            f"no photo of the run that is known to be in source {options.to} has a {what}",
            remedy="Name a run whose photos are of that source, or were uploaded to it"
            + (", and import a review first." if options.with_labels else "."),
        )
    reporter.doing(f"looking at source {options.to}")
    found = Annotating({}, wanted, {}, elsewhere)
    _ask_for_names(found, opened, known, options.to, connection, reporter)
    patience = patience_of(connection, reporter.doing, f"asking what source {options.to} has on the photos")
    found.shown = patiently(patience, partial(place.shown, found.images)) if found.images else {}
    for name, points in list(found.wanted.items()):
        has_persons = any(point.is_persons for point in found.shown.get(name, ()))
        standing = compare(points, found.shown.get(name, ()))
        if standing is Standing.SAME or (standing is Standing.UNSEEN and has_persons):
            found.done.append(name)
        elif has_persons and not options.replace:
            found.withheld.append(name)
        else:
            continue
        del found.wanted[name]
    return found


def _points(
    opened: OpenRun, known: Mapping[int, int], codes: Mapping[int, str], options: AnnotateOptions, most: int
) -> tuple[Points, list[str]]:
    """The points of the images that are there, by name, and the images that are not; those without a person's label
    are left out where labels are asked for."""
    labels = _labels(opened, codes, options.to) if options.with_labels else {}
    labelled = {image for image, _ in labels}
    wanted, elsewhere, problems = Points(), list[str](), list[Problem]()
    for number, points in opened.points():
        name = opened.plan.images[number].name
        if options.with_labels and number not in labelled:
            continue
        if number not in known:
            elsewhere.append(name)
            continue
        if name in wanted:
            problems.append(Problem(name, 0, 0, "two images of the run are this photo"))
        if len(points) > most:
            problems.append(
                Problem(name, 0, 0, f"it has {len(points):,} points, and a photo there has {most:,} at most")
            )
        wanted[name] = [
            AnnotatedPoint(point.row, point.column, code, bool(code))
            for place, point in enumerate(points, start=1)
            for code in (labels.get((number, place), ""),)
        ]
    if problems:
        raise InvalidInput(
            problems, remedy="Name a run of which each photo has one set of points that the source takes."
        )
    return wanted, elsewhere


def _labels(opened: OpenRun, codes: Mapping[int, str], to: int) -> dict[tuple[int, int], str]:
    """The labels that people gave, by image and point, by the codes of the source: a label is known by its number, and
    by its code where nobody knows that."""
    by_code = {code.casefold(): code for code in codes.values()}
    labels: dict[tuple[int, int], str] = {}
    unknown: dict[str, int] = {}
    for point in kept_reviews.load(opened).points:
        human = point.human
        code = by_code.get(human.code.casefold()) if human.id is None else codes.get(human.id)
        if code is None:
            unknown[human.code] = unknown.get(human.code, 0) + 1
        else:
            labels[point.image, point.point] = code
    if unknown:
        raise InvalidInput(
            [
                Problem(
                    f"source {to}", 0, 0, f"its labelset has no `{code}`, which people gave {count(points, 'point')}"
                )
                for code, points in sorted(unknown.items())
            ],
            remedy="Add these labels to the source's labelset at CoralNet, or leave the points out of the review.",
        )
    return labels


def _ask_for_names(
    found: Annotating,
    opened: OpenRun,
    known: Mapping[int, int],
    to: int,
    connection: Connection,
    reporter: Reporter,
) -> None:
    """Take out the photos that the source no longer has: their names are free, or another photo has them."""
    uploads = connection.uploads(opened.plan)
    assert uploads is not None  # noqa: S101 - whoever keeps points of photos takes photos
    ids = {opened.plan.images[number].name: image_id for number, image_id in known.items()}
    names = list(found.wanted)
    asking = f"asking which photos source {to} has"
    patience = patience_of(connection, reporter.doing, asking)
    for first in range(0, len(names), NAMES_AT_ONCE):
        reporter.doing(asking)
        some = names[first : first + NAMES_AT_ONCE]
        for name, stored in zip(some, patiently(patience, partial(ids_of, uploads, str(to), some)), strict=True):
            if stored == str(ids[name]):
                found.images[name] = ids[name]
            else:
                found.gone.append(name)
                del found.wanted[name]
