"""Threads that perform effects: one for submitting, listing and looking, one for results, a few for pages.

Rule: daemon threads, never joined: when the process stops, what they were doing is what `resume` resolves. A worker
returns an outcome or the error that ended it; the error is raised in the thread that owns the state.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from coralrun.driver import Completion
from coralrun.machine import effects, outcomes
from coralrun.machine.policy import RESOLVES_AT_ONCE

Perform = Callable[[effects.Effect], outcomes.Outcome]


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


@dataclass(slots=True)
class ThreadedWorkers:
    """The real workers. `start` may be called from one thread only, `take` likewise."""

    perform: Perform
    pages: int = RESOLVES_AT_ONCE
    _done: queue.SimpleQueue[Completion | _Failed] = field(default_factory=queue.SimpleQueue)
    _service: queue.SimpleQueue[effects.Effect] = field(default_factory=queue.SimpleQueue)
    _results: queue.SimpleQueue[effects.Effect] = field(default_factory=queue.SimpleQueue)
    _pages: queue.SimpleQueue[effects.Effect] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        for name, channel, count in (
            ("service", self._service, 1),
            ("results", self._results, 1),
            ("pages", self._pages, self.pages),
        ):
            for number in range(count):
                threading.Thread(target=self._work, args=(channel,), name=f"{name}-{number}", daemon=True).start()

    def start(self, effect: effects.Effect) -> None:
        """Hand an effect to its channel."""
        match effect:
            case effects.Resolve() | effects.AskNames() | effects.Upload() | effects.CompareUpload():
                self._pages.put(effect)
            case effects.Collect() | effects.Release():
                self._results.put(effect)
            case _:
                self._service.put(effect)

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion, or None; raises what a worker raised."""
        try:
            done = self._done.get(timeout=max(timeout_s, 0.001))
        except queue.Empty:
            return None
        if isinstance(done, _Failed):
            raise done.error
        return done

    def _work(self, channel: queue.SimpleQueue[effects.Effect]) -> None:
        while True:
            effect = channel.get()
            try:
                self._done.put(Completion(effect, self.perform(effect)))
            except BaseException as error:  # raised again, in the thread that owns the state
                self._done.put(_Failed(error))
