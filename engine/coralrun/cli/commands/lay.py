"""`points`."""

from __future__ import annotations

from pathlib import Path

from coralrun.app.laying import LaidPoints, lay_all, write_points
from coralrun.app.planning import make_plan
from coralrun.app.survey_file import read_survey
from coralrun.cli.paths import check_out_folder
from coralrun.cli.printer import Printer
from coralrun.cli.service import reach
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED
from coralrun.plan.model import Plan
from coralrun.sources.crawl import Patience

_SHOWN = 5


def points(path: Path, out: Path, limit: int | None, printer: Printer) -> int:
    """Write where the points of a survey lie; exit code 7 where an image gets none."""
    file = read_survey(path, limit=limit)
    check_out_folder(out)
    connection = reach(file.survey.service, file.survey.run.web_rate, must_have_account=False)
    try:
        plan = make_plan(file, connection, printer.doing).plan
        patience = Patience(connection.clock.sleep, printer.doing)
        laid = lay_all(plan, connection.images(), patience, lambda done: printer.doing(_measured(done, plan)))
    finally:
        connection.close()
    written = write_points(laid, out)
    printer.lines(_lines(laid, written))
    printer.document(
        {
            "images": laid.images,
            "points": laid.points,
            "left_out": {laid.plan.images[number].key: why for number, why in laid.left_out},
            "files": [str(file) for file in written],
        }
    )
    return EXIT_SOME_IMAGES_FAILED if laid.left_out else EXIT_COMPLETE


def _measured(images: int, plan: Plan) -> str:
    return f"measuring the images: {images} of {len(plan.images)}"


def _lines(laid: LaidPoints, written: list[Path]) -> list[str]:
    lines = [f"{laid.points:,} points on {laid.images:,} images", *(f"  {path}" for path in written)]
    if laid.left_out:
        lines.append(f"{len(laid.left_out):,} images get no points:")
        lines += [f"  {laid.plan.images[number].name}: {why}" for number, why in laid.left_out[:_SHOWN]]
        if len(laid.left_out) > _SHOWN:
            lines.append("  ... all of them are in left-out.csv")
    lines.append("Importing points into a CoralNet source deletes all points and annotations of the images named.")
    return lines
