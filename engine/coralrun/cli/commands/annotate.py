"""`annotate`: a run's points, and people's labels of them, put into the CoralNet source that its photos are in."""

from __future__ import annotations

from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import LastRun
from coralrun.console.printer import Printer


def command(
    to: Annotated[int, typer.Option("--to", min=1, metavar="SOURCE", help="The CoralNet source, by its number.")],
    run_dir: LastRun = None,
    points: Annotated[bool, typer.Option("--points", help="The points alone, of all photos.")] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="Points and people's labels, of the photos that people reviewed.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace-existing-annotations", help="Delete what people annotated there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
    as_json: Json = False,
) -> None:
    """Write a run's points, or people's labels, into its CoralNet source; what CoralNet deletes is shown first.

    Example: coralrun annotate runs/my-reef --to 3420 --labels
    """

    def put(printer: Printer) -> int:
        from coralrun.app.applying.annotate import annotate
        from coralrun.app.applying.annotations import AnnotateOptions
        from coralrun.errors import UsageError

        if points == labels:
            raise UsageError(
                "it is not said what goes" if not points else "--points and --labels",
                remedy="Say --points for the points alone, or --labels for people's labels and the points.",
            )
        options = AnnotateOptions(to=to, with_labels=labels, replace=replace, yes=yes)
        return annotate(run_dir, options, printer)

    call(as_json, put)
