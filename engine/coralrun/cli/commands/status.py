"""`status`."""

from __future__ import annotations

from pathlib import Path

from coralrun.app.default_run import newest_run
from coralrun.app.run_outline import glance
from coralrun.app.status import summarise
from coralrun.cli.notice import read_notice
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.cli.text import summary_lines
from coralrun.errors import EXIT_COMPLETE, UsageError

RUNS = Path("runs")


def status(run_dir: Path | None, printer: Printer) -> int:
    """Say how a run stands."""
    with reaching(RUNS):
        chosen = run_dir or newest_run(RUNS)
    if chosen is None:
        raise UsageError("there is no run under runs/", remedy="Name a run directory, or start with `coralrun apply`.")
    with reaching(chosen):
        opened = glance(chosen)
        summary, now = summarise(opened), read_notice(opened.layout.now)
    printer.lines(summary_lines(summary))
    if now:
        printer.lines([f"  now     {now}"])
    printer.document({**summary.as_json(), "now": now})
    return EXIT_COMPLETE
