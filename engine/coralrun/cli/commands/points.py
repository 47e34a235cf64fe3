"""`points`: where the points of a survey lie, as tables and drawn on photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import Limit, SurveyArgument
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED
from coralrun.values.phrases import count

if TYPE_CHECKING:
    from coralrun.app.beforehand.points import LaidPoints
    from coralrun.connection import Connection

_SHOWN = 5


def command(
    survey: SurveyArgument,
    out: Annotated[Path, typer.Option("--out", help="The folder that the tables are written to.")],
    limit: Limit = None,
    preview: Annotated[int, typer.Option("--preview", min=0, metavar="N", help="Draw N of the photos.")] = 0,
    measure: Annotated[
        bool, typer.Option("--measure", help="Read the size of every image, also where a manifest gives it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write where the points of a survey lie, before anything is classified.

    Example: coralrun points survey.yaml --out points
    """
    call(as_json, lambda printer: run(survey, out, limit, preview, measure, printer), begins="reading the survey")


def run(path: Path, out: Path, limit: int | None, previews: int, measure: bool, printer: Printer) -> int:
    """Write where the points of a survey lie; exit code 7 where an image gets none."""
    from coralrun.app.beforehand.plan import make_plan
    from coralrun.app.beforehand.points import lay_all, write_points
    from coralrun.app.reach import with_account_if_need_be
    from coralrun.app.run.paths import check_out_folder
    from coralrun.app.survey.survey_file import read_survey
    from coralrun.sources.patience import Patience

    def lay(connection: Connection) -> tuple[LaidPoints, list[Path]]:
        plan = make_plan(file, connection, printer.doing).plan
        patience = Patience(connection.clock.sleep, printer.doing)
        laid = lay_all(plan, connection.images(plan), patience, printer.doing, measure_all=measure)
        return laid, [*write_points(laid, out), *_previews(laid, previews, out, connection, printer)]

    file = read_survey(path, limit=limit)
    check_out_folder(out)
    laid, written = with_account_if_need_be(file.survey.service, file.survey.options, printer, lay)
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


def _previews(laid: LaidPoints, wanted: int, out: Path, connection: Connection, printer: Printer) -> list[Path]:
    """Pictures of some images, named by the image's number in the plan: a name may be no file's name."""
    from coralrun.app.beforehand.points import preview, spread
    from coralrun.store.files import Disk

    made: list[Path] = []
    fetch = connection.photos(laid.plan)
    for number in spread(len(laid.plan.images), wanted) if wanted else ():
        name = laid.plan.images[number].name
        printer.doing(f"drawing {name}")
        picture = preview(laid, number, fetch)
        if isinstance(picture, str):
            printer.say(f"no picture of {name}: {picture}")
            continue
        made.append(out / f"preview-{number + 1}.jpg")
        Disk().replace(made[-1], picture)
    return made


def _lines(laid: LaidPoints, written: Sequence[Path]) -> list[str]:
    lines = [f"{count(laid.points, 'point')} on {count(laid.images, 'image')}", *(f"  {path}" for path in written)]
    if laid.left_out:
        lines.append(f"{count(len(laid.left_out), 'image')} without points:")
        lines += [f"  {laid.plan.images[number].name}: {why}" for number, why in laid.left_out[:_SHOWN]]
        if len(laid.left_out) > _SHOWN:
            lines.append("  ... all of them are in left-out.csv")
    lines.append("Importing points into a CoralNet source deletes all points and annotations of the images named.")
    return lines
