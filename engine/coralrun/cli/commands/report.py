"""`report`: the report of a run."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import NewestRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command(
    run_dir: NewestRun = None,
    show_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Default: report/index.html of the run.")] = None,
    thumbnails: Annotated[
        int | None,
        typer.Option("--thumbnails", min=0, max=200, help="Fetch and show N photos; default: as the survey says."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a run's report: its answer, as one HTML file that opens without a network."""
    call(as_json, lambda printer: run(run_dir, out, thumbnails, show_it, printer))


def run(run_dir: Path | None, out: Path | None, thumbnails: int | None, show_it: bool, printer: Printer) -> int:
    """Write a run's report, and open it where asked."""
    from coralrun.app import report
    from coralrun.app.paths import reaching, run_or_newest
    from coralrun.app.run_directory import open_run
    from coralrun.cli.photos import fetching

    chosen = run_or_newest(run_dir)
    with reaching(chosen):
        opened = open_run(chosen)
    if out is not None:
        report.check_out(out)
    with fetching(opened, printer) as fetch:
        page = report.build(opened, fetch, thumbnails)
    target = out or opened.layout.report_page
    opened.disk.replace(target, page)
    printer.say(f"{target}")
    if not opened.state.finished_at:
        printer.say("  PARTIAL: the run is not finished")
    printer.document({"report": str(target), "bytes": len(page), "partial": not opened.state.finished_at})
    if show_it and not webbrowser.open(target.resolve().as_uri()):
        printer.say("No browser could be opened; open the file by hand.")
    return EXIT_COMPLETE
