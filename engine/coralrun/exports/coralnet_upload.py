"""`coralnet-upload`: points for CoralNet's own upload form (Name, Row, Column), with the safeguards that it lacks.

What an upload does (`peers`, section 3): it deletes every point and annotation of the images that it names; names that
it does not know are passed over in silence; labels become confirmed annotations, that is, training data. So images that
people have worked on are left out and listed, and labels are written only when they are asked for. Who has worked on
an image is read from CoralNet's export of the source's annotations with annotator info: every annotator but `robot`
makes an annotation a confirmed one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence

from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.exports.model import Export, ExportOptions, InputFile, Results, closed_at
from coralrun.files.written import Csv
from coralrun.values.phrases import count

TABLE = Csv("coralnet-upload", is_for_people=False)

ROBOT = "robot"
_SHOWN = 20


def make(results: Results, options: ExportOptions) -> Export:
    """Write the points of a run for an upload; raises UsageError until it is known what the upload would destroy."""
    if len({image.source for image in results.plan.images}) > 1 and results.source is None:
        names = ", ".join(sorted({image.source for image in results.plan.images}))
        raise UsageError(
            "this run has images of several sources, and an upload is for one",
            remedy=f"Name one with --source: {names}.",
        )
    if options.existing is None and not options.replace_existing:
        raise UsageError(
            "an upload deletes all points and annotations of the images that it names, and nothing here says "
            "which of them people have worked on",
            remedy="Export the source's annotations from CoralNet with annotator info and give them with --existing "
            "FILE; or accept the loss with --replace-existing-annotations.",
        )
    worked_on = {} if options.existing is None else _worked_on(options.existing)
    left_out = frozenset[int]() if options.replace_existing else _left_out(results, worked_on)
    withheld = [results.plan.images[number].name for number in sorted(left_out)]
    return Export(_parts(results, left_out, options.with_labels), list(_notes(options, withheld)), withheld)


def _left_out(results: Results, worked_on: Mapping[str, str]) -> frozenset[int]:
    """The images with points in this run that an upload must not name, by number."""
    return frozenset(
        number
        for number in closed_at(results.state)
        if results.source in (None, results.plan.images[number].source)
        and results.plan.images[number].name.lower() in worked_on
    )


def _notes(options: ExportOptions, left_out: Sequence[str]) -> Iterator[str]:
    if options.with_labels:
        yield (
            "WARNING: CoralNet will take these labels for confirmed ones and train its next classifiers on them, "
            "though a classifier gave them"
        )
    if options.replace_existing:
        yield "WARNING: the upload deletes all points and annotations of the images in this file"
    if left_out:
        rest = len(left_out) - _SHOWN
        shown = ", ".join(left_out[:_SHOWN]) + (f" and {rest:,} more" if rest > 0 else "")
        images = count(len(left_out), "image")
        yield f"left out: {images} with confirmed annotations, which the upload would delete: {shown}"


def _parts(results: Results, left_out: Collection[int], with_labels: bool) -> Iterator[bytes]:
    yield TABLE.lines([("Name", "Row", "Column", *(("Label code", "Label ID") if with_labels else ()))])
    for number, points in results.points():
        if number in left_out:
            continue
        image = results.plan.images[number]
        rows = []
        for place, point in enumerate(points):
            label: tuple[object, ...] = ()
            if with_labels:
                person, best = results.people.get((number, place)), point.classifications[0]
                label = (best.label_code, best.label_id) if person is None else (person.code, person.id or "")
            rows.append((image.name, point.row, point.column, *label))
        yield TABLE.lines(rows)


def _worked_on(file: InputFile) -> dict[str, str]:
    """The images with a confirmed annotation, by name in lower case; CoralNet's names are unique ignoring case."""
    try:
        reader = csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"), newline=""), strict=True)
        missing = {"Name", "Annotator"} - set(reader.fieldnames or ())
        if missing:
            raise InvalidInput(
                [Problem(file.label, 1, 0, f"there is no column {' and no column '.join(sorted(missing))}")],
                remedy="Export the source's annotations from CoralNet with the optional column for annotator info.",
            )
        return {row["Name"].lower(): row["Name"] for row in reader if (row["Annotator"] or "").casefold() != ROBOT}
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput([Problem(file.label, 0, 0, f"this is no CSV in UTF-8: {error}")]) from error
