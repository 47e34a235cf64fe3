"""`show`: one photo with its points and labels drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli import completing
from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.values.phrases import count


def command(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] IMAGE",
            help="A run, by default the last worked on, and the name of one of its images.",
            autocompletion=completing.runs,
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="A .jpg or .png; default: in report/ of the run.")] = None,
    as_json: Json = False,
) -> None:
    """Draw the points and labels of one photo on it.

    Example: coralrun show runs/my-reef quadrat_01.jpg --out quadrat.jpg
    """
    call(as_json, lambda printer: run(words, out, printer), begins="reading the run")


def run(words: Sequence[str], out: Path | None, printer: Printer) -> int:
    """Draw one photo's points and labels on it."""
    from coralrun.app.chosen_run import run_or_last

    if len(words) > 2:
        raise UsageError("`coralrun show` draws one photo of one run", remedy="Write: coralrun show RUN IMAGE")
    *named, image = words
    return _draw(run_or_last(Path(named[0]) if named else None, printer), image, out, printer)


def _draw(run_dir: Path, image: str, out: Path | None, printer: Printer) -> int:
    from coralrun.app.answers import show
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run

    with reaching(run_dir):
        opened = open_run(run_dir)
    target, picture = show.write(opened, image, out, printer)
    printer.say(f"{target}: {count(picture.points, 'point')}{f', {picture.note}' if picture.note else ''}")
    printer.lines(f"  {count:>5}  {label}" for label, count in picture.labels)
    printer.document(
        {
            "run_dir": str(opened.layout.root),
            "picture": str(target),
            "points": picture.points,
            "labels": dict(picture.labels),
            "note": picture.note,
        }
    )
    return EXIT_COMPLETE
