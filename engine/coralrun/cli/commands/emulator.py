"""`emulator`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from coralrun.cli.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError


def emulator(
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
    if (images is None) != (annotations is None):
        raise UsageError(
            "--images and --annotations go together",
            remedy="Give both for your own photos, or neither for the demo reef.",
        )
    if find_spec("sklearn") is None or find_spec("werkzeug") is None:
        raise UsageError(
            "the emulator is not installed",
            remedy='Install it with: pip install "coralrun[emulator]" (in a checkout: pip install ".[emulator]")',
        )
    from coralrun.emulator.http import run_emulator

    try:
        run_emulator(images, annotations, port, seconds_per_image, url_lifetime_s, max_active, seed, printer.say)
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror or error}", remedy="Choose another --port.") from error
    return EXIT_COMPLETE
