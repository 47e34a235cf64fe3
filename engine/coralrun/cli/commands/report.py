"""`report` and `show`."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coralrun.app import report as reporting
from coralrun.app import show as showing
from coralrun.app.default_run import newest_run
from coralrun.app.run_directory import OpenRun, open_run
from coralrun.cli.commands.status import RUNS
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.cli.service import reach
from coralrun.connection import Connection, Fetch
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.model import PlannedImage
from coralrun.store.files import Disk


class _Fetching:
    """Photos of a run; its service is reached when the first one is asked for, which may be never."""

    def __init__(self, opened: OpenRun, printer: Printer) -> None:
        self._opened = opened
        self._printer = printer
        self._connection: Connection | None = None
        self._fetch: Fetch | None = None

    def __call__(self, image: PlannedImage) -> bytes | Unusable | Trouble:
        if self._fetch is None:
            plan = self._opened.plan
            self._connection = reach(plan.service, plan.options, must_have_account=False)
            self._fetch = self._connection.photos(plan)
        self._printer.doing(f"fetching {image.name}")
        return self._fetch(image)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def fetching(opened: OpenRun, printer: Printer) -> Iterator[_Fetching]:
    """A way to fetch the photos of a run, which reaches its service when the first one is asked for."""
    photos = _Fetching(opened, printer)
    try:
        yield photos
    finally:
        photos.close()


def report(run_dir: Path | None, out: Path | None, thumbnails: int | None, show_it: bool, printer: Printer) -> int:
    """Write a run's report, and open it where asked."""
    with reaching(run_dir or RUNS):
        chosen = run_dir or newest_run(RUNS)
        if chosen is None:
            raise UsageError(
                "there is no run under runs/", remedy="Name a run directory, or start with `coralrun apply`."
            )
        opened = open_run(chosen)
    if out is not None:
        reporting.check_out(out)
    with fetching(opened, printer) as fetch:
        page = reporting.build(opened, fetch, thumbnails)
    target = out or opened.layout.report_page
    Disk().replace(target, page)
    printer.say(f"{target}")
    if not opened.state.finished_at:
        printer.say("  PARTIAL: the run is not finished")
    printer.document({"report": str(target), "bytes": len(page), "partial": not opened.state.finished_at})
    if show_it and not webbrowser.open(target.resolve().as_uri()):
        printer.say("No browser could be opened; open the file by hand.")
    return EXIT_COMPLETE


def show(run_dir: Path, image: str, out: Path | None, printer: Printer) -> int:
    """Draw one photo's points and labels on it."""
    with reaching(run_dir):
        opened = open_run(run_dir)
    number = showing.find(opened.plan, image)
    target = out or opened.layout.drawn_photo(opened.units.unit_of[number])
    if out is None:
        Disk().make_directory(opened.layout.report)
    showing.check_out(target)
    with fetching(opened, printer) as fetch:
        picture = showing.draw(opened, number, fetch, target.suffix)
    Disk().replace(target, picture.data)
    printer.say(f"{target}: {picture.points} points{f', {picture.note}' if picture.note else ''}")
    printer.lines(f"  {count:>5}  {label}" for label, count in picture.labels)
    printer.document(
        {"picture": str(target), "points": picture.points, "labels": dict(picture.labels), "note": picture.note}
    )
    return EXIT_COMPLETE
