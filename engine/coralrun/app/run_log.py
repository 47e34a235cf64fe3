"""The run's log: one JSON line for each effect that came back. Diagnostics for people; never read back, never synced.

Rule: an outcome holds no secret, no URL and no text that was not redacted where it came in, so it may be written here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.machine import effects, outcomes
from coralrun.ports import Clock
from coralrun.store.files import NO_LINK, PRIVATE

Perform = Callable[[effects.Effect], outcomes.Outcome]
_QUIET = (outcomes.Resolved,)
_MOST_DETAIL_CHARS = 500


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
        line = {"at": self.clock.utc(), "effect": type(effect).__name__, "outcome": type(outcome).__name__}
        numbers = {key: getattr(effect, key) for key in ("batch", "attempt", "job", "image") if hasattr(effect, key)}
        detail = str(getattr(outcome, "detail", ""))[:_MOST_DETAIL_CHARS]
        what = str(getattr(outcome, "kind", getattr(outcome, "why", "")))
        extra = {key: value for key, value in (("what", what), ("detail", detail)) if value}
        data = json.dumps({**line, **numbers, **extra, "took_s": round(took_s, 3)}, ensure_ascii=False).encode() + b"\n"
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
