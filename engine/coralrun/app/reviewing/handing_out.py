"""A review drawn and written for people to fill in: a table, or a page with photos.

Rule: what somebody may have filled in is never written over. Without a name of its own, a file has the review's number.
"""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path
from typing import Final

from coralrun.app.answers.fetching import fetching
from coralrun.app.reporter import Reporter
from coralrun.app.reviewing import review
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.survey.survey_place import from_here
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.review.drawing import Form, HandedOut, SampleRequest, filled_in
from coralrun.review.page.room import PAGE_MB
from coralrun.values.phrases import typed

FORMATS: Final = ("csv", "html")


def hand_out(opened: OpenRun, request: SampleRequest, form: Form, reporter: Reporter) -> HandedOut:
    """Draw a review and write it.

    Raises UsageError where the format or the place cannot be, or nothing is left to draw.
    """
    _check(request, form)

    def target_of(number: int) -> Path:
        return form.out or _free(f"{opened.identity.name}-review", number, form.to)

    drawing = review.draw(opened, request, SystemClock(), lambda number: _shown(filled_in(target_of(number))))
    target = target_of(drawing.number)
    if form.to == "csv":
        opened.disk.replace(target, drawing.table)
        return HandedOut(target, drawing, None)
    from coralrun.app.reviewing.review_page import page, room_for  # with Pillow and templates, which no table needs

    room = room_for(drawing, PAGE_MB if form.page_mb is None else form.page_mb)
    with fetching(opened, reporter) as fetch:
        opened.disk.replace_from(target, page(opened, drawing, blind=request.blind, out=target, fetch=fetch, room=room))
    return HandedOut(target, drawing, room.result(target.stat().st_size))


def _check(request: SampleRequest, form: Form) -> None:
    """Raise UsageError where what is said of a review, and of where it is to be written, cannot be."""
    if form.to not in FORMATS:
        raise UsageError(
            f"--to {typed(form.to)}: not a format of reviews", remedy=f"Choose one of: {', '.join(FORMATS)}."
        )
    if form.page_mb is not None and form.to != "html":
        raise UsageError("--page-mb is the size of a page", remedy="Say --to html too.")
    if form.page_mb is not None and not form.page_mb > 0:
        raise UsageError(f"--page-mb {form.page_mb:g}: no page is so small", remedy=f"The default is {PAGE_MB}.")
    if not request.sample:
        raise UsageError("how much is to be reviewed?", remedy="Say --sample 5%, or --sample 60 for 60 images.")
    if form.out is None:
        return
    with reaching(form.out):
        if form.out.exists():
            raise UsageError(
                f"{form.out}: there already; a review that somebody filled in is never written over",
                remedy="Choose another file with --out.",
            )
        if not form.out.absolute().parent.is_dir():
            raise UsageError(f"{form.out.parent}: no such folder", remedy="Choose another file with --out.")


def _shown(file: Path) -> str:
    """What may be kept of where a file stands: its path below this folder, and elsewhere its name alone."""
    path = from_here(file.absolute())
    return file.name if ".." in path.parts or path.is_absolute() else path.as_posix()


def _free(stem: str, number: int, ending: str) -> Path:
    """A file that is not there, named as the review is numbered from the second on; what is handed out once more says
    so."""
    name = stem if number == 1 else f"{stem}-{number}"
    names = chain([name, f"{name}-again"], (f"{name}-again-{more}" for more in count(2)))
    return next(path for name in names if not (path := Path(f"{name}.{ending}")).exists())
