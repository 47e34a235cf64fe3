"""`emulator`: a CoralNet served on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.extras import install


def command(
    images: Annotated[
        Path | None, typer.Option("--images", help="A folder of your own photos; default: a demo reef.")
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option("--annotations", help="Their points: Name,Row,Column,Label.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 0,
    seconds_per_image: Annotated[float, typer.Option("--seconds-per-image", min=0.0)] = 0.2,
    url_lifetime: Annotated[
        float, typer.Option("--url-lifetime", min=1.0, metavar="S", help="Life of an image's URL.")
    ] = 3600.0,
    max_active: Annotated[int, typer.Option("--max-active", min=0, help="Active jobs an account.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Of the demo reef and the classifier.")] = 0,
) -> None:
    """Serve a CoralNet on this machine, to rehearse with: a demo reef, or your own photos.

    Example: coralrun emulator --images photos --annotations annotations.csv
    """
    call(
        False,
        lambda printer: run(images, annotations, port, seconds_per_image, url_lifetime, max_active, seed, printer),
    )


def run(
    images: Path | None,
    annotations: Path | None,
    port: int,
    seconds_per_image: float,
    url_lifetime_s: float,
    max_active: int,
    seed: int,
    printer: Printer,
) -> int:
    """Serve until interrupted."""
    if find_spec("sklearn") is None or find_spec("werkzeug") is None:
        raise UsageError(
            "the emulator is not installed",
            remedy=f"Install it with: {install('emulator')}",
        )
    from coralrun.emulator.http import run_emulator

    try:
        run_emulator(images, annotations, port, seconds_per_image, url_lifetime_s, max_active, seed, printer.say)
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror or error}", remedy="Choose another --port.") from error
    return EXIT_COMPLETE
