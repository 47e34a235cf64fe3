"""`upload`: the photos of a folder into a CoralNet source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of photos, with all that is below it.")],
    to: Annotated[int, typer.Option("--to", min=1, metavar="SOURCE", help="The CoralNet source, by its number.")],
    exif: Annotated[
        str,
        typer.Option(
            "--exif", help="keep sends files as they are, strip-private without places, names and serial numbers."
        ),
    ],
    service: Annotated[
        str | None,
        typer.Option("--service", help="The address of the CoralNet; default: your account's, or the public one."),
    ] = None,
    run_dir: Annotated[Path | None, typer.Option("--run-dir", help="Where the run's files go.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    as_json: Json = False,
) -> None:
    """Upload the photos of a folder to a CoralNet source, each once; none is classified.

    Example: coralrun upload photos --to 3420 --exif strip-private
    """

    def uploaded(printer: Printer) -> int:
        from coralrun.app.applying.upload import UploadOptions, upload
        from coralrun.errors import UsageError
        from coralrun.services import usual_service
        from coralrun.spec.model import ExifChoice

        if exif not in list(ExifChoice):
            raise UsageError(f"--exif {exif}", remedy="It is keep or strip-private.")
        options = UploadOptions(
            to=to, exif=ExifChoice(exif), service=service or usual_service(), run_dir=run_dir, yes=yes
        )
        return upload(folder, options, printer)

    call(as_json, uploaded, begins="reading the folder")
