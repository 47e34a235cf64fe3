"""`review`: hand out what people are to look at, and take back what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli import completing
from coralrun.cli.calling import Json, call
from coralrun.cli.options import Columns, Encoding, LabelledBy, Sheet
from coralrun.cli.reading import reading_by
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, EXIT_ROWS_HELD_BACK, UsageError

if TYPE_CHECKING:
    from coralrun.review.drawing import Form, SampleRequest
    from coralrun.sources.reading import ByOption

IMPORT = "import"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What is said of a file that is taken back."""

    labelled_by: str
    reading: ByOption
    accept: Sequence[str]


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN] | import [RUN] FILE",
            help="A run to review, by default the last worked on; or `import`, a run, a file.",
            autocompletion=completing.runs,
        ),
    ] = None,
    sample: Annotated[str, typer.Option("--sample", help="How much: `5%`, or a number of images.")] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="FIELD", help="Spread the audit over a metadata field.", autocompletion=completing.fields
        ),
    ] = "",
    blind: Annotated[bool, typer.Option("--blind", help="Do not show what the machine said.")] = False,
    to: Annotated[str, typer.Option("--to", help="csv or html.")] = "csv",
    points: Annotated[
        int | None, typer.Option("--points", min=1, help="At most N points of each audited image; default: all.")
    ] = None,
    by_class: Annotated[
        str,
        typer.Option(
            "--by-class",
            metavar="LEVEL",
            help="Draw points by the machine's classes: `label`, or a level of groups.",
        ),
    ] = "",
    seed: Annotated[int, typer.Option("--seed", help="Of the draw; another one draws further images.")] = 0,
    only: Annotated[
        str, typer.Option("--only", metavar="SET", help="Hand out `audit` or `triage` alone of what is drawn.")
    ] = "",
    page_mb: Annotated[
        float | None, typer.Option("--page-mb", help="How large a page may be, in MB; default: 25, as mail takes.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Default: NAME-review.csv here, NAME-review-2.csv for review 2.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the last draw back, while nobody has labelled a point of it.")
    ] = False,
    labelled_by: LabelledBy = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    columns: Columns = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept-labels", metavar="LABEL", help="A label that the run does not know; may repeat."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Have people check a sample of a run: draw it, or `import` what they filled in.

    Example: coralrun review runs/my-reef --sample 5%
    """
    from coralrun.review.drawing import Form, SampleRequest

    request = SampleRequest(
        sample=sample, by=by, seed=seed, blind=blind, per_image=points, by_class=by_class, only=only
    )
    call(
        as_json,
        lambda printer: run(
            words or [],
            request,
            Form(to, out, page_mb),
            ImportOptions(labelled_by, reading_by(encoding, sheet, columns), accept or ()),
            printer,
            undo=undo,
        ),
        begins="reading the run",
    )


def run(
    words: Sequence[str],
    request: SampleRequest,
    form: Form,
    options: ImportOptions,
    printer: Printer,
    *,
    undo: bool = False,
) -> int:
    """Draw a review of a run, or with `import` as the first word take one back; with `undo` undo the last draw."""
    from coralrun.app.chosen_run import run_or_last
    from coralrun.review.drawing import Form, SampleRequest

    if words and words[0] == IMPORT:
        if len(words) not in (2, 3):
            raise UsageError(
                "`coralrun review import` needs a file, and a run if not the last",
                remedy="Write: coralrun review import RUN FILE; several files are one folder, a pattern in quotes "
                '("filled/*.csv") or a ZIP archive.',
            )
        *named, file = words[1:]
        return _take(
            run_or_last(Path(named[0]) if named else None, printer, changes=True), Path(file), options, printer
        )
    if options != ImportOptions("", reading_by("", "", ()), ()):
        raise UsageError(
            "--labelled-by, --accept-labels, --encoding, --sheet and --columns are for `coralrun review import`"
        )
    if len(words) > 1:
        raise UsageError("`coralrun review` draws from one run", remedy="Write: coralrun review RUN --sample 5%")
    if undo and (request, form) != (SampleRequest(sample=""), Form()):
        raise UsageError(
            "--undo takes the last draw back, and draws nothing", remedy="Write: coralrun review RUN --undo"
        )
    chosen = run_or_last(Path(words[0]) if words else None, printer, changes=True)
    return _undo(chosen, printer) if undo else _draw(chosen, request, form, printer)


def _undo(directory: Path, printer: Printer) -> int:
    from coralrun.app.reviewing.undoing import undo
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.clock import SystemClock
    from coralrun.review.text import undone_lines

    with reaching(directory):
        opened = open_run(directory)
    undone = undo(opened, SystemClock())
    printer.lines(undone_lines(directory, undone))
    printer.document(
        {"run_dir": str(directory), "undone": undone.number, "points": undone.points, "reviews_left": undone.left}
    )
    return EXIT_COMPLETE


def _draw(directory: Path, request: SampleRequest, form: Form, printer: Printer) -> int:
    from coralrun.app.reviewing.handing_out import hand_out
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.review.text import drawn_lines

    with reaching(directory):
        opened = open_run(directory)
    handed = hand_out(opened, request, form, printer)
    drawing = handed.drawing
    printer.lines(drawn_lines(opened.layout.root, request, handed))
    printer.document(
        {
            "run_dir": str(opened.layout.root),
            "draw": drawing.number,
            "again": drawing.is_again,
            "earlier_audit_images": drawing.earlier_images,
            "file": str(handed.file),
            "only": request.only or None,
            "page_bytes": None if handed.page is None else handed.page.page_bytes,
            "whole_photos_left_out": None if handed.page is None else handed.page.left_out,
            "audit_images": drawing.audit_images,
            "audit_points": drawing.audit_points,
            "triage_points": drawing.triage_points,
            "points_by_class": drawing.of_class,
            "in_sample_images": drawing.in_sample,
            "unit": drawing.unit,
            "without_unit": list(drawing.without_unit),
        }
    )
    return EXIT_COMPLETE


def _take(directory: Path, file: Path, options: ImportOptions, printer: Printer) -> int:
    from coralrun.app.reviewing import review_import
    from coralrun.app.reviewing.import_text import import_lines
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.cli.whose_labels import word_of
    from coralrun.clock import SystemClock
    from coralrun.review.text import accepted_labels, agreed

    with reaching(directory):
        opened = open_run(directory)
    taken = review_import.take(
        opened,
        file,
        SystemClock(),
        word=word_of(options.labelled_by, printer),
        reading=options.reading,
        accept=options.accept,
    )
    outcome, found = taken.outcome, taken.reviews
    printer.lines(import_lines(opened, file, taken))
    printer.document(
        {
            "run_dir": str(opened.layout.root),
            "import": outcome.number,
            "rows": outcome.rows,
            "labelled": outcome.labelled,
            "empty": outcome.empty,
            "machines": outcome.machines,
            "unsaid": outcome.unsaid,
            "taken_as_peoples": taken.said,
            "notes": list(taken.notes),
            "held_back": [
                {
                    "file": held.row.file,
                    "line": held.row.line,
                    "name": held.row.name,
                    "label": held.code,
                    "meant": held.meant,
                    "label_of_id": held.other,
                }
                for held in outcome.held
            ],
            "unmatched": [
                {
                    "file": row.human.file,
                    "line": row.human.line,
                    "name": row.human.name,
                    "row": row.human.pixel[0],
                    "column": row.human.pixel[1],
                    "why": row.why,
                }
                for row in outcome.unmatched
            ],
            "names": list(outcome.names),
            "reviewed_points": len(found.points),
            "audited_images": found.audited_images,
            "audited_points": len(found.audited),
            "audited_agree": agreed(found.audited),
            "audit_left": found.audit_left,
            "audit_waiting": found.waiting,
            "changed": len(outcome.changed),
            "accepted_labels": accepted_labels(found),
        }
    )
    return EXIT_ROWS_HELD_BACK if outcome.held else EXIT_COMPLETE
