"""`report`: the report of a run, or of points that people labelled."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.labels import LabelOptions, check_is_for_labels
from coralrun.cli.options import Columns, Encoding, LabelledBy, RunOrLabels, Sheet, SurveyOfLabels
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError


def command(
    of: RunOrLabels = None,
    show_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Default: report/index.html of the run; of labels NAME-report.html here."),
    ] = None,
    thumbnails: Annotated[
        int | None,
        typer.Option("--thumbnails", min=0, max=200, help="Fetch and show N photos; default: as the survey says."),
    ] = None,
    survey: SurveyOfLabels = None,
    labelled_by: LabelledBy = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    columns: Columns = None,
    as_json: Json = False,
) -> None:
    """Write a run's report: its answer, as one HTML file that opens without a network.

    Example: coralrun report runs/my-reef --open
    """
    call(
        as_json,
        lambda printer: run(
            of, out, thumbnails, show_it, printer, LabelOptions.of(survey, labelled_by, encoding, sheet, columns)
        ),
        begins="counting the points",
    )


def run(
    of: Path | None,
    out: Path | None,
    thumbnails: int | None,
    show_it: bool,
    printer: Printer,
    options: LabelOptions | None = None,
) -> int:
    """Write the report of a run or of a file of labels, and open it where asked."""
    from coralrun.app.survey.labelled_survey import is_labels

    options = options or LabelOptions.of(None, "", "", "", None)
    if of is not None and is_labels(of):
        if thumbnails is not None:
            raise UsageError("--thumbnails: a file of labels has no photos", remedy="Leave it out.")
        target = _of_labels(of, out, options, printer)
    else:
        check_is_for_labels(options)
        target = _of_run(of, out, thumbnails, printer)
    if show_it and not webbrowser.open(target.resolve().as_uri()):
        printer.say("No browser could be opened; open the file by hand.")
    return EXIT_COMPLETE


def _of_run(run_dir: Path | None, out: Path | None, thumbnails: int | None, printer: Printer) -> Path:
    """Write a run's report; its path."""
    from coralrun.app.answers import report
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run

    chosen = run_or_last(run_dir, printer)
    with reaching(chosen):
        opened = open_run(chosen)
    target, n_bytes = report.write_anew(opened, out, thumbnails, printer)
    printer.say(f"{target}")
    if not opened.state.finished_at:
        printer.say("  PARTIAL: the run is not finished")
    printer.document(
        {
            "run_dir": str(chosen),
            "report": str(target),
            "bytes": n_bytes,
            "partial": not opened.state.finished_at,
        }
    )
    return target


def _of_labels(path: Path, out: Path | None, options: LabelOptions, printer: Printer) -> Path:
    """Write the report of a file of labels; its path."""
    from coralrun.app.answers import report
    from coralrun.app.answers.labelled_report import page_of
    from coralrun.app.survey.labelled_survey import read_labelled_survey
    from coralrun.cli.whose_labels import word_of
    from coralrun.store.files import Disk

    word = word_of(options.labelled_by, printer)
    found = read_labelled_survey(path, options.design(), word=word, reading=options.reading)
    target = out or Path(f"{found.plan.name}-report.html")
    report.check_out(target)
    page = page_of(found)
    Disk().replace(target, page)
    printer.say(f"{target}")
    printer.document({"report": str(target), "bytes": len(page), "labelled_by": dict(found.points.annotators)})
    return target
