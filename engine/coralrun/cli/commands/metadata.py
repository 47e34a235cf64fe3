"""`metadata`: what a run knows of its photos, put into the source that they were uploaded to."""

from __future__ import annotations

from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import LastRun
from coralrun.console.printer import Printer


def command(
    run_dir: LastRun = None,
    coordinates: Annotated[
        str | None, typer.Option("--coordinates", help="What becomes of coordinates: exact, rounded or none.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
    as_json: Json = False,
) -> None:
    """Write what a run knows of its uploaded photos into their source; what would be replaced is shown first.

    Example: coralrun metadata runs/my-reef --coordinates rounded
    """

    def put(printer: Printer) -> int:
        from coralrun.app.applying.metadata import Coordinates, put_metadata
        from coralrun.errors import UsageError

        if coordinates is not None and coordinates not in list(Coordinates):
            raise UsageError(f"--coordinates {coordinates}", remedy="It is exact, rounded or none.")
        return put_metadata(run_dir, None if coordinates is None else Coordinates(coordinates), yes, printer)

    call(as_json, put, begins="reading the run")
