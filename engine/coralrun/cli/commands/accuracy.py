"""`accuracy`: a run judged against labels that people gave."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import Columns, Encoding, LabelledBy, LastRun, Sheet
from coralrun.cli.reading import reading_by
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError

if TYPE_CHECKING:
    from coralrun.sources.reading import ByOption


def command(
    run_dir: LastRun = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth", help="Points that people labelled: a file, a folder, a pattern; default: the run's reviews."
        ),
    ] = None,
    from_source: Annotated[
        bool,
        typer.Option(
            "--from-source",
            help="Fetch what is labelled in the photos' CoralNet source, and when; kept beside the run.",
        ),
    ] = False,
    allow_in_sample: Annotated[
        bool, typer.Option("--allow-in-sample", help="Also use labels that the classifier was trained on, stamped so.")
    ] = False,
    labelled_by: LabelledBy = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    columns: Columns = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            "--annotations", help="CoralNet's export of the annotations of the classifier's source, with dates."
        ),
    ] = None,
    beside: Annotated[
        Path | None, typer.Option("--beside", help="Another run of the same points, to compare the classifiers.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="A folder for the figures as tables, those of each unit too (accuracy_units.csv).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge a run against labels that people gave: bias of cover first, kappa last.

    Example: coralrun accuracy runs/my-reef --truth labels.csv --labelled-by people
    """
    call(
        as_json,
        lambda printer: run(
            run_dir,
            truth,
            from_source,
            allow_in_sample,
            labelled_by,
            reading_by(encoding, sheet, columns),
            annotations,
            beside,
            out,
            printer,
        ),
        begins="comparing labels",
    )


def run(
    named: Path | None,
    truth: Path | None,
    from_source: bool,
    allow_in_sample: bool,
    labelled_by: str,
    reading: ByOption,
    annotations: Path | None,
    beside: Path | None,
    out: Path | None,
    printer: Printer,
) -> int:
    """Judge a run against labels that people gave."""
    from coralrun.accuracy.documents import beside_document, document
    from coralrun.accuracy.judgement import beside_table, tables
    from coralrun.accuracy.text import beside_lines, judgement_lines, units_lines
    from coralrun.app.answers.accuracy import judge, judge_beside, truth_of
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.cli.whose_labels import word_of

    run_dir = run_or_last(named, printer)
    with reaching(run_dir):
        opened = open_run(run_dir)
        truth = truth_of(opened, truth, from_source, printer)
    ask = partial(
        judge,
        truth=truth,
        allow_in_sample=allow_in_sample,
        word=word_of(labelled_by, printer),
        reading=reading,
        annotations=annotations,
    )
    found = ask(opened)
    made, compared = list(tables(found)), None
    if beside is not None:
        with reaching(beside):
            other = open_run(beside)
        compared = judge_beside(opened, found, other, ask(other))
        made.append(beside_table(compared))
    files = {table.file: table.lines([columns, *rows]) for table, columns, rows in made} if out else {}
    if out is not None:
        _write(out, files)
    printer.lines(judgement_lines(str(run_dir), found))
    if compared is not None:
        printer.lines(["", *beside_lines(compared)])
    printer.lines(f"wrote {out / name}" for name in files if out is not None)
    if out is None:
        printer.lines(units_lines(found))
    with_other = {} if compared is None else {"beside": beside_document(compared)}
    printer.document(document(found) | with_other)
    return EXIT_COMPLETE


def _write(out: Path, files: dict[str, bytes]) -> None:
    from coralrun.app.run.paths import reaching
    from coralrun.store.files import Disk

    with reaching(out):
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out}: not a folder", remedy="Give --out a folder for the tables.")
        there = [name for name in files if (out / name).exists()]
        if there:
            raise UsageError(f"{out / there[0]}: there already", remedy="Give --out another folder.")
    disk = Disk()
    disk.make_directory(out, shared=True)
    for name, data in files.items():
        disk.replace(out / name, data)
