"""`cover`: what share of the reef each label and group has, of a run or of points that people labelled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli import completing
from coralrun.cli.calling import Json, call
from coralrun.cli.labels import LabelOptions, check_is_for_labels
from coralrun.cli.options import Columns, Encoding, LabelledBy, RunOrLabels, Sheet, SurveyOfLabels
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE

if TYPE_CHECKING:
    from coralrun.cover.reader import Reader
    from coralrun.planning.model import Plan


def command(
    of: RunOrLabels = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="For each value of a metadata field; may repeat.",
            autocompletion=completing.fields,
        ),
    ] = None,
    survey: SurveyOfLabels = None,
    out: Annotated[Path | None, typer.Option("--out", help="Of labels: a folder for the tables.")] = None,
    labelled_by: LabelledBy = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    columns: Columns = None,
    as_json: Json = False,
) -> None:
    """Say what share of the reef each label and group has, and how certain that is.

    Example: coralrun cover runs/my-reef --by site
    """
    call(
        as_json,
        lambda printer: run(of, by or [], out, LabelOptions.of(survey, labelled_by, encoding, sheet, columns), printer),
        begins="counting the points",
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What cover is told of: its `title`, how `where` names it among the JSON, and what is said beside the reader.

    `caution` is what must be known before a number is believed, "" for nothing.
    """

    title: str
    where: dict[str, object]
    plan: Plan
    reader: Reader
    notes: tuple[str, ...]
    caution: str = ""


def run(of: Path | None, by: list[str], out: Path | None, options: LabelOptions, printer: Printer) -> int:
    """Say the cover of a run, as far as it has come, or of a file of labelled points."""
    from coralrun.app.survey.labelled_survey import is_labels

    if is_labels(of):
        assert of is not None  # noqa: S101 - told to the type checker
        answer = _of_labels(of, out, options, printer)
    else:
        check_is_for_labels(options, out)
        answer = _of_run(of, by, printer)
    _print(answer, by, printer)
    return EXIT_COMPLETE


def _of_run(run_dir: Path | None, by: list[str], printer: Printer) -> _Answer:
    from coralrun.app.answers.corrected_cover import notes_on_correction
    from coralrun.app.answers.cover import fields_of, reader_of
    from coralrun.app.answers.kept_reviews import caution_of
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run

    chosen = run_or_last(run_dir, printer)
    with reaching(chosen):
        opened = open_run(chosen)
        reader = reader_of(opened)
    is_over = opened.state.finished_at
    partial = [] if is_over else ["PARTIAL: the run goes on; this is what is there so far"]
    untold = filter(None, [opened.plan.about.untold])
    notes = (*partial, *notes_on_correction(opened, reader, fields_of(opened.plan, by)), *untold)
    where: dict[str, object] = {"run_dir": str(chosen)}
    return _Answer(opened.identity.name, where, opened.plan, reader, notes, caution_of(opened))


def _of_labels(path: Path, out: Path | None, options: LabelOptions, printer: Printer) -> _Answer:
    from coralrun.app.run.paths import check_out_folder
    from coralrun.app.survey.labelled_survey import read_labelled_survey, write_tables
    from coralrun.cli.whose_labels import word_of

    if out is not None:
        check_out_folder(out)
    word = word_of(options.labelled_by, printer)
    found = read_labelled_survey(path, options.design(), word=word, reading=options.reading)
    if out is not None:
        printer.lines(f"wrote {file}" for file in write_tables(found, out))
    where: dict[str, object] = {"labels": str(path), "labelled_by": dict(found.points.annotators)}
    title = f"{path}, labelled by {found.points.labelled_by}"
    return _Answer(title, where, found.plan, found.reader, found.notes)


def _print(answer: _Answer, by: list[str], printer: Printer) -> None:
    from coralrun.app.answers.cover import fields_of
    from coralrun.cover.tables import WHOLE, overall
    from coralrun.cover.text import cover_lines

    reader, fields = answer.reader, fields_of(answer.plan, by)
    notes = [*answer.notes, *reader.notes_by(fields)]
    fields = reader.told_fields(fields)
    frame = reader.by(fields) if by else overall(reader)
    everything = json.loads(frame.to_json(orient="records", double_precision=10))
    rows = everything if by else [row for row in everything if not row[WHOLE]]
    unit = answer.plan.analysis.design.unit
    caution = [answer.caution] if answer.caution else []
    printer.lines(caution)
    printer.say(f"{answer.title}: cover in percent{', with 95 % intervals' if unit else ''}")
    printer.lines(cover_lines(rows, fields, unit))
    printer.lines(f"  note: {note}" for note in notes)
    printer.document({**answer.where, "by": fields, "rows": everything, "notes": [*caution, *notes]})
