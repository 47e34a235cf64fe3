"""The run's log: one JSON line for each effect that came back. Diagnostics for people; never read back, never synced.

Rule: an outcome holds no secret, no URL and no text that was not redacted where it came in, so it may be written here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from coralrun.files.field_types import Time
from coralrun.machine import effects, outcomes
from coralrun.machine.fact_fields import Attempt, BatchNumber
from coralrun.machine.job_id import JobId
from coralrun.machine.runs import Unit
from coralrun.ports import Clock
from coralrun.store.files import PRIVATE
from coralrun.store.platforms import NO_LINK

Perform = Callable[[effects.Effect], outcomes.Outcome]
_QUIET = (outcomes.Resolved,)
_MOST_DETAIL_CHARS = 500


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of log.jsonl: something that coralrun did and what came of it. For diagnosis; never read back."""

    at: Time
    effect: Annotated[str, Meta(description="What was done.")]
    outcome: Annotated[str, Meta(description="What came of it.")]
    batch: BatchNumber | UnsetType = UNSET
    attempt: Attempt | UnsetType = UNSET
    job: JobId | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    photo: Annotated[str, Meta(description="Which photo is uploaded, by where it goes.")] = ""
    what: Annotated[str, Meta(description="Which kind of trouble or refusal.")] = ""
    detail: Annotated[
        str, Meta(max_length=_MOST_DETAIL_CHARS, description="What the service said, without secrets and URLs.")
    ] = ""
    took_s: Annotated[float, Meta(ge=0)]


@dataclass(slots=True)
class Diary:
    """Appends to `log.jsonl`; a log that cannot be written stops nothing."""

    path: Path
    clock: Clock
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def keeping(self, perform: Perform) -> Perform:
        """The same `perform`, with a line for each outcome but the ordinary ones of pages."""

        def performed(effect: effects.Effect) -> outcomes.Outcome:
            began_s = self.clock.monotonic()
            outcome = perform(effect)
            if not isinstance(outcome, _QUIET):
                self._write(effect, outcome, self.clock.monotonic() - began_s)
            return outcome

        return performed

    def _write(self, effect: effects.Effect, outcome: outcomes.Outcome, took_s: float) -> None:
        image = getattr(effect, "image", UNSET)  # a unit of work, or a photo that is uploaded for one
        detail = str(getattr(outcome, "detail", ""))[:_MOST_DETAIL_CHARS]
        line = LogLine(
            at=self.clock.utc(),
            effect=type(effect).__name__,
            outcome=type(outcome).__name__,
            batch=getattr(effect, "batch", UNSET),
            attempt=getattr(effect, "attempt", UNSET),
            job=getattr(effect, "job", UNSET),
            unit=_of_work(effect, image),
            photo=_writable(image) if isinstance(image, str) else "",
            what=str(getattr(outcome, "kind", getattr(outcome, "why", ""))),
            detail=_writable(detail),
            took_s=round(took_s, 3),
        )
        data = msgspec.json.encode(line) + b"\n"
        with self._turn:
            try:
                fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK, PRIVATE)
            except OSError:
                return
            try:
                os.write(fd, data)
            except OSError:
                return
            finally:
                os.close(fd)


def _writable(text: str) -> str:
    """A text that may hold half a character."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _of_work(effect: effects.Effect, image: object) -> int | UnsetType:
    """The unit of work that an effect is for; unset where none waits for it."""
    unit = getattr(effect, "unit", None) if isinstance(image, str) else image
    return unit if isinstance(unit, int) else UNSET
