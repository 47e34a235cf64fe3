"""`status`: how a run stands, also while it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import LastRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command(
    run_dir: LastRun = None,
    followed: Annotated[
        bool, typer.Option("--follow", "-f", help="Show what happens until no process works on it any more.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with a code that says how it stands.")] = False,
    as_json: Json = False,
) -> None:
    """Say how a run stands; also while it is going on.

    Example: coralrun status
    """
    call(as_json, lambda printer: run(run_dir, followed, exit_code, printer), begins="reading the run")


def run(run_dir: Path | None, followed: bool, exit_code: bool, printer: Printer) -> int:
    """Say how a run stands."""
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_outline import outline_of
    from coralrun.app.run.standing import EXIT_CODES
    from coralrun.app.run.status import summarise
    from coralrun.app.run.summary import summary_lines
    from coralrun.clock import SystemClock

    chosen = run_or_last(run_dir, printer, uploads=True)
    with reaching(chosen):
        if followed:
            from coralrun.app.run.follow import follow

            follow(chosen, printer.doing, SystemClock())
        summary = summarise(outline_of(chosen), look=True)
    printer.lines(summary_lines(summary))
    printer.document(summary.as_json())
    if not exit_code:
        return EXIT_COMPLETE
    return EXIT_CODES[summary.standing, summary.failed + summary.skipped > 0]
