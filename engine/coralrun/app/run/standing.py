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
from coralrun.values.phrases import duration

FRESH_S = 60.0
"""A note that is older is of a process that hangs, or was killed."""
HANGS_S = 15 * 60.0
"""A process that said nothing for so long hangs: a table of a million rows takes a few minutes."""
AWAY_S = 3600.0
"""Who does not answer for so long is told of: what is restarted, or moved to another network, is back by then."""
STILL_S = 24 * 3600.0
"""No image ends for so long at a busy CoralNet either, whose jobs take hours."""


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
    and what it did then. Images by the hour and the seconds that are left are None while they are not known. `away` is
    who did not answer it, and for how long; `done_in_jobs` are images that jobs have done which are not over, where the
    service tells of them."""

    pid: int | None
    host: str
    since: str
    heard_of: str
    last_progress: str
    images_per_hour: float | None
    left_s: float | None
    doing: str
    away: str = ""
    away_s: float = 0.0
    done_in_jobs: int = 0


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
        away=said.away,
        away_s=said.away_s,
        done_in_jobs=said.done_in_jobs,
    )
    return (Standing.WORKING if _is_alive(layout, process, said, now) else Standing.DEAD), process


def stands_still(layout: Layout, now: datetime | None = None) -> str:
    """Why somebody should look at the process that holds a run; "" where it gets on, or has just begun."""
    said, owner, now = notice.read(layout.now), lock.owner_of(layout), now or datetime.now(UTC)
    since = owner.since if owner is not None else ""
    if said is None:
        return f"it has said nothing since it began, at {since}" if _age_s(since, now) > STILL_S else ""
    if _age_s(said.at, now) > HANGS_S:
        return f"it has said nothing since {said.at}"
    if said.away_s > AWAY_S:
        return f"{said.away}, for {duration(said.away_s)}; it is asked again for a day in all"
    last = max(said.last_progress, since)
    return f"no image has ended since {last}; {said.doing}" if _age_s(last, now) > STILL_S else ""


def _age_s(then: str, now: datetime) -> float:
    """How long ago a time was; 0 where it is none."""
    with suppress(ValueError):
        return (now - datetime.fromisoformat(then)).total_seconds()
    return 0.0


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
