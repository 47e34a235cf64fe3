"""The loop: decide, start what was decided, take one completion, interpret it, make durable what follows, apply it.

Rule: one thread owns the state, and this is its whole life. Nothing is applied before it is durable. The loop knows no
network, no disk and no clock of its own: workers, journal and clock are given to it, so that a simulation can give it
others. It is meant to be read in one sitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from coralrun.machine import effects, facts, notes, outcomes, volatile
from coralrun.machine.apply import apply
from coralrun.machine.decide import Decision, decide
from coralrun.machine.interpret import interpret
from coralrun.machine.settle import unsent
from coralrun.machine.state import Instant, State
from coralrun.ports import Budget, Clock

INTERRUPT_GRACE_S = 3.0
"""How long an interrupted run waits for a submission in flight; what is still open then, `resume` resolves."""

LONGEST_WAIT_S = 1.0
"""The loop wakes this often, to notice an interruption and to let the watcher tell the time."""


class Completion(Struct, frozen=True):
    """One effect that came back, and what it brought."""

    effect: effects.Effect
    outcome: outcomes.Outcome


class Workers(Protocol):
    """Whoever performs effects."""

    def start(self, effect: effects.Effect) -> None:
        """Begin to perform an effect; it comes back through `take`, once."""
        ...

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion, or None when none came in time."""
        ...


class Journal(Protocol):
    """Where facts become durable."""

    def append(self, happened: Sequence[facts.Fact]) -> None:
        """Write facts and return when they are on disk; raises DiskError, after which nothing may be applied."""
        ...


class Watcher(Protocol):
    """Whoever tells people how it goes."""

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Called at every turn of the loop."""
        ...

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Called after a fact was applied."""
        ...


class Interruption(Protocol):
    """Whether somebody asked the process to stop."""

    def is_set(self) -> bool:
        """True from the first request on."""
        ...


class Ending(StrEnum):
    """Why the loop ended."""

    FINISHED = "finished"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"


@dataclass(slots=True)
class Driver:
    """The loop and what it needs of the world. Without a `budget` requests may be sent at any time."""

    state: State
    workers: Workers
    journal: Journal
    clock: Clock
    budget: Budget | None
    watcher: Watcher
    interruption: Interruption

    def run(self) -> Ending:
        """Drive the run until it is finished, paused or interrupted."""
        while True:
            if self.interruption.is_set():
                self._leave()
                return Ending.INTERRUPTED
            now = self.clock.monotonic()
            if self.budget is not None:
                self._note_budget(self.budget.wait_s(1 + self._requests_in_flight()), now)
            decision = decide(self.state, now)
            self.watcher.decided(self.state, decision, now)
            if self.state.durable.finished_at:
                return Ending.FINISHED
            if self.state.durable.paused is not None:
                self._leave()
                return Ending.PAUSED
            if not self._start(decision):
                self._take(self._timeout_s(decision))

    def _start(self, decision: Decision) -> bool:
        """Start what was decided; bookkeeping is done at once, and True says that the state changed by it."""
        changed = False
        for effect in decision.effects:
            self._note(notes.Started(effect), self.clock.monotonic())
            if isinstance(effect, effects.Bookkeeping):
                self._complete(Completion(effect, outcomes.Done()))
                changed = True
            else:
                self.workers.start(effect)
        return changed

    def _take(self, timeout_s: float) -> bool:
        completion = self.workers.take(timeout_s)
        if completion is not None:
            self._complete(completion)
        return completion is not None

    def _complete(self, completion: Completion) -> None:
        now = Instant(self.clock.monotonic(), self.clock.utc())
        consequences = interpret(self.state, completion.effect, completion.outcome, now)
        if consequences.facts:
            self.journal.append(consequences.facts)
        for fact in consequences.facts:
            apply(self.state.durable, fact)
            self.watcher.happened(self.state, fact)
        for note in consequences.notes:
            self._note(note, now.mono_s)

    def _note(self, note: notes.Note, now: float) -> None:
        volatile.observe(self.state.volatile, note, now)

    def _note_budget(self, wait_s: float, now: float) -> None:
        """Note until when the budget has nothing left, where it has nothing, or had not."""
        if wait_s or self.state.volatile.budget_until_s > now:
            self._note(notes.Budgeted(now + wait_s), now)

    def _requests_in_flight(self) -> int:
        return sum([not isinstance(effect, effects.PageEffect) for effect in self.state.volatile.in_flight])

    def _timeout_s(self, decision: Decision) -> float:
        soonest_s = min([wait.until_s for wait in decision.waits], default=float("inf"))
        return max(0.0, min(soonest_s - self.clock.monotonic(), LONGEST_WAIT_S))

    def _leave(self) -> None:
        """Leave as little in doubt as can be: what is not known of a submission costs the next start a long wait."""
        self._wait_for_submission()
        fresh = unsent(self.state)
        if fresh is not None:
            self._complete(Completion(fresh, outcomes.NotSent(())))

    def _wait_for_submission(self) -> None:
        """Let a submission in flight come back, for a moment."""
        until_s = self.clock.monotonic() + INTERRUPT_GRACE_S
        sending = effects.Submit | effects.Upload
        while any(isinstance(effect, sending) for effect in self.state.volatile.in_flight):
            left_s = until_s - self.clock.monotonic()
            if left_s <= 0 or not self._take(left_s):
                return
