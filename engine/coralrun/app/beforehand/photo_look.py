"""A look at a few photos of a plan, told to whoever listens: what `plan` and `apply` begin with."""

from __future__ import annotations

from functools import partial

from coralrun.app.beforehand.photo_check import LOOK_BYTES, Looked, look
from coralrun.app.beforehand.planned import Planned
from coralrun.app.beforehand.text import looked_lines
from coralrun.app.reporter import Reporter
from coralrun.connection import Connection


def look_at_photos(planned: Planned, connection: Connection, offline: bool, reporter: Reporter) -> tuple[Looked, ...]:
    """Look at some photos of each manifest and host, and say what came."""
    if all(image.url is None for image in planned.plan.images):
        return ()
    if offline:
        reporter.say("  looked at   no photo (--offline)")
        return ()
    reporter.doing("looking at some of the photos")
    looked = look(planned.plan, partial(connection.files.part, start=0, length=LOOK_BYTES), connection.clock.wall_s())
    reporter.lines(looked_lines(looked))
    return looked
