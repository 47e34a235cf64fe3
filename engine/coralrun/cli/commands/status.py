"""`status`: how a run stands, also while it goes on."""

from __future__ import annotations

from pathlib import Path

from coralrun.cli.calling import Json, call
from coralrun.cli.options import NewestRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command(
    run_dir: NewestRun = None,
    as_json: Json = False,
) -> None:
    """Say how a run stands; also while it is going on.

    Example: coralrun status
    """
    call(as_json, lambda printer: run(run_dir, printer))


def run(run_dir: Path | None, printer: Printer) -> int:
    """Say how a run stands."""
    from coralrun.app.notice import read_notice
    from coralrun.app.paths import reaching, run_or_newest
    from coralrun.app.run_outline import outline_of
    from coralrun.app.status import summarise
    from coralrun.app.text import summary_lines

    chosen = run_or_newest(run_dir)
    with reaching(chosen):
        opened = outline_of(chosen)
        summary, now = summarise(opened), read_notice(opened.layout.now)
    printer.lines(summary_lines(summary))
    if now:
        printer.lines([f"  now     {now}"])
    printer.document({**summary.as_json(), "now": now})
    return EXIT_COMPLETE
