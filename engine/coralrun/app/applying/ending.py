"""What follows once a run is carried out: its report has its photos, and it is told how it stands."""

from __future__ import annotations

from coralrun.app.answers.fetching import counted
from coralrun.app.reporter import Reporter
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.standing import Standing
from coralrun.app.run.status import Summary
from coralrun.app.run.summary import summary_lines
from coralrun.connection import Connection
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED, CoralrunError
from coralrun.values.phrases import typed


def illustrate(opened: OpenRun, connection: Connection, reporter: Reporter) -> None:
    """Let the report have its photos. The run is over: Ctrl-C ends this at once, and nothing else."""
    from coralrun.app.answers import report  # with pandas, which a run that goes on does not need

    if not report.thumbnails_of(opened):
        return
    try:
        reporter.doing("writing the report with its photos")
        report.illustrate(opened, counted(connection.photos(opened.plan), reporter.doing))
    except KeyboardInterrupt:
        reporter.remark(f"no photos were fetched for the report; coralrun report {typed(opened.layout.root)} does that")


def show(summary: Summary, reporter: Reporter) -> int:
    """Tell how a run stands, and return the exit code of one that ended."""
    reporter.lines(summary_lines(summary))
    reporter.document(summary.as_json())
    if summary.standing is Standing.FINISHED and not summary.points.balances:
        raise CoralrunError(f"the points of {summary.run_dir} do not add up: {summary.points}")
    lacking = summary.failed or (summary.skipped and summary.classifies)
    return EXIT_SOME_IMAGES_FAILED if lacking else EXIT_COMPLETE
