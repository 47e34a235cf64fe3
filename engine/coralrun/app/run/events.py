"""What happens in a run, for programs: an event a line, as JSON.

Rule: the type below is the format, and schemas/event.v1.json is made from it. An event is for those who watch; what a
run knows stands in its journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from coralrun.app.run.headway import Milestones
from coralrun.app.run.progress import Outages, fact_line
from coralrun.driver import Watcher
from coralrun.files.field_types import Count, Time
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.fact_fields import BatchNumber
from coralrun.machine.job_id import JobIdOrNone
from coralrun.machine.state import State

MESSAGE = "message"


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of what `apply --json` writes to standard error, and `--events FILE` to a file."""

    at: Time
    event: Annotated[str, Meta(description="The kind of a fact, as in the run's journal, or `message`.")]
    text: Annotated[str, Meta(description="In words; empty where nobody need read it.")]
    done: Annotated[Count, Meta(description="Images of the plan in force that have ended.")]
    images: Annotated[Count, Meta(description="Images of the plan in force.")]
    done_in_jobs: Annotated[
        Count, Meta(description="Images done besides, by jobs that are not over, where the service tells of them.")
    ] = 0
    batch: BatchNumber | None = None
    job: JobIdOrNone = ""


@dataclass(slots=True)
class Events:
    """A watcher that writes each fact, each outage and its end, and how far jobs are, as a line.

    `utc` tells the time of a message."""

    write: Callable[[str], None]
    utc: Callable[[], str]
    _done: int = 0
    _images: int = 0
    _in_jobs: int = 0
    _outages: Outages = field(init=False)
    _milestones: Milestones = field(init=False)

    def __post_init__(self) -> None:
        self._outages, self._milestones = Outages(self.message), Milestones(self.message)

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Tell that somebody is away, or back, and how far jobs are."""
        self._count(state)
        self._outages.decided(state, now)
        self._milestones.passed(self._in_jobs, self._done + self._in_jobs, self._images)

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Tell a fact."""
        self._count(state)
        self._tell(
            at=getattr(fact, "at", self.utc()),
            event=str(fact.__struct_config__.tag),
            text=fact_line(state, fact) or "",
            batch=getattr(fact, "batch", None),
            job=getattr(fact, "job", ""),
        )

    def message(self, text: str) -> None:
        """Tell what is no fact."""
        self._tell(at=self.utc(), event=MESSAGE, text=text)

    def _count(self, state: State) -> None:
        self._done, self._images = state.durable.units_over, state.durable.wanted
        self._in_jobs = state.images_done_in_jobs()

    def _tell(self, *, at: str, event: str, text: str, batch: int | None = None, job: str = "") -> None:
        told = Event(
            at=at,
            event=event,
            text=text,
            done=self._done,
            images=self._images,
            done_in_jobs=self._in_jobs,
            batch=batch,
            job=job,
        )
        self.write(msgspec.json.encode(told).decode() + "\n")


@dataclass(frozen=True, slots=True)
class Both:
    """Two watchers, one after the other."""

    first: Watcher
    second: Events

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Pass it on."""
        self.first.decided(state, decision, now)
        self.second.decided(state, decision, now)

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Pass it on."""
        self.first.happened(state, fact)
        self.second.happened(state, fact)
