"""Where a run stands, and what can be seen of the process that works on it or did so last.

Rule: the files of a run say what is known for good; whether somebody works on it is seen from the note that a process
writes every few seconds, from its number where it is on this computer, and from the lock where the two disagree. What a
process that is dead said of itself is told as the past.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from coralrun.errors import (
    EXIT_COMPLETE,
    EXIT_DEAD,
    EXIT_PAUSED,
    EXIT_SOME_IMAGES_FAILED,
    EXIT_STOPPED,
    EXIT_WORKING,
)
from coralrun.machine.durable import Durable
from coralrun.store import lock, notice
from coralrun.store.layout import Layout
from coralrun.store.notice import Notice

FRESH_S = 60.0
"""A note that is older is of a process that hangs, or was killed."""


class Standing(StrEnum):
    """Where a run stands: a process works on it, or ended well, or was killed, or paused it; or it is over."""

    WORKING = "working"
    STOPPED = "stopped"
    DEAD = "dead"
    PAUSED = "paused"
    FINISHED = "finished"


EXIT_CODES: Mapping[tuple[Standing, bool], int] = {
    (Standing.FINISHED, False): EXIT_COMPLETE,
    (Standing.FINISHED, True): EXIT_SOME_IMAGES_FAILED,
    **{(Standing.WORKING, failed): EXIT_WORKING for failed in (False, True)},
    **{(Standing.STOPPED, failed): EXIT_STOPPED for failed in (False, True)},
    **{(Standing.DEAD, failed): EXIT_DEAD for failed in (False, True)},
    **{(Standing.PAUSED, failed): EXIT_PAUSED for failed in (False, True)},
}
"""What `status --exit-code` ends with: where a run stands, and whether images failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """A process as it said of itself: its number and computer, since when it held the run, when it was last heard of,
    and what it did then. Images by the hour and the seconds that are left are None while they are not known."""

    pid: int | None
    host: str
    since: str
    heard_of: str
    last_progress: str
    images_per_hour: float | None
    left_s: float | None
    doing: str


def standing_of(state: Durable) -> Standing:
    """Where a run stands on which no process works."""
    if state.finished_at:
        return Standing.FINISHED
    return Standing.PAUSED if state.paused is not None else Standing.STOPPED


def seen(layout: Layout, state: Durable, now: datetime | None = None) -> tuple[Standing, Process | None]:
    """Where a run stands, and the process that works on it, or died of something while it did."""
    said = notice.read(layout.now)
    if state.finished_at or said is None:
        return standing_of(state), None
    owner = lock.owner_of(layout)
    process = Process(
        pid=owner.pid if owner is not None else None,
        host=owner.host if owner is not None else "",
        since=owner.since if owner is not None else "",
        heard_of=said.at,
        last_progress=said.last_progress,
        images_per_hour=said.images_per_hour,
        left_s=said.left_s,
        doing=said.doing,
    )
    return (Standing.WORKING if _is_alive(layout, process, said, now) else Standing.DEAD), process


def _is_alive(layout: Layout, process: Process, said: Notice, now: datetime | None) -> bool:
    here = process.host == platform.node()
    if here and process.pid is not None and not _may_run(process.pid):
        return False
    with suppress(ValueError):  # no day of the calendar
        age_s = ((now or datetime.now(UTC)) - datetime.fromisoformat(said.at)).total_seconds()
        if abs(age_s) <= FRESH_S:
            return True
    return here and lock.is_held(layout)


def _may_run(pid: int) -> bool:
    """Whether a process of this number may be running here; only POSIX can be asked without harm."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
