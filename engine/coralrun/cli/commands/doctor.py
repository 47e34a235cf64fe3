"""`doctor`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from coralrun.app.doctor import examine
from coralrun.cli.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.spec.model import PRODUCTION


def doctor(survey: Path | None, service: str | None, printer: Printer) -> int:
    """Check whether coralrun can work here; the exit code is that of the first check that failed."""
    if survey is not None and service is not None:
        raise UsageError("a survey names its own service", remedy="Leave out --service, or the survey.")
    checks = []
    for check in examine(survey, service or PRODUCTION):
        checks.append(check)
        printer.say(f"{check.verdict:<6}{check.what}: {check.said}")
        if check.remedy:
            printer.say(f"      -> {check.remedy}")
    printer.document({"checks": [asdict(check) for check in checks]})
    return next((check.exit_code for check in checks if check.exit_code), EXIT_COMPLETE)
