"""`schema`: the JSON schema of surveys."""

from __future__ import annotations

from coralrun.cli.calling import call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command() -> None:
    """Print the JSON schema of surveys.

    Example: coralrun schema > survey.v1.json
    """
    call(False, run)


def run(printer: Printer) -> int:
    """Print the survey's schema."""
    from coralrun.app.survey.resources import SURVEY_SCHEMA, schema_text

    printer.raw(schema_text(SURVEY_SCHEMA))
    return EXIT_COMPLETE
