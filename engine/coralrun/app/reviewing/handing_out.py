"""A review drawn and written for people to fill in: a table, or a page with photos.

Rule: what somebody may have filled in is never written over.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from coralrun.app.answers.fetching import fetching
from coralrun.app.reporter import Reporter
from coralrun.app.reviewing import review
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.review.drawing import Drawing, SampleRequest

FORMATS: Final = ("csv", "html")


def hand_out(
    opened: OpenRun, request: SampleRequest, to: str, out: Path | None, reporter: Reporter
) -> tuple[Path, Drawing]:
    """Draw a review and write it as `to` says, to NAME-review.csv or .html if not `out`; where, and what was drawn.

    Raises UsageError where the format or the place cannot be, or nothing is left to draw.
    """
    if to not in FORMATS:
        raise UsageError(f"--to {to}: not a format of reviews", remedy=f"Choose one of: {', '.join(FORMATS)}.")
    if not request.sample:
        raise UsageError("how much is to be reviewed?", remedy="Say --sample 5%, or --sample 60 for 60 images.")
    target = out or Path(f"{opened.identity.name}-review.{to}")
    with reaching(target):
        if target.exists():
            raise UsageError(
                f"{target}: there already; a review that somebody filled in is never written over",
                remedy="Choose another file with --out.",
            )
        if not target.absolute().parent.is_dir():
            raise UsageError(f"{target.parent}: no such folder", remedy="Choose another file with --out.")
    drawing = review.draw(opened, request, SystemClock())
    if to == "html":
        from coralrun.app.reviewing.review_page import (
            page,  # with Pillow and the templates, which a table does not need
        )

        with fetching(opened, reporter) as fetch:
            made = page(opened, drawing.drawn, drawing.number, blind=request.blind, out=target, fetch=fetch)
            opened.disk.replace_from(target, made)
    else:
        opened.disk.replace(target, drawing.table)
    return target, drawing
