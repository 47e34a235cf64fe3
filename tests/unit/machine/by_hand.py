"""The machine with a hand on its clock, and the situations that tests begin from."""

from __future__ import annotations

from tests.unit.states import state_of

from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import effects, facts, notes, outcomes, volatile
from coralrun.machine.apply import apply
from coralrun.machine.consequences import Consequences
from coralrun.machine.decide import Decision, decide
from coralrun.machine.interpret import interpret
from coralrun.machine.job_id import JobId
from coralrun.machine.lengths import Length
from coralrun.machine.outcomes import Listed
from coralrun.machine.state import Instant, Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import Size
from coralrun.service.limits import ServiceLimits

AT = "2026-01-01T00:00:00Z"
SIZE = Size(100, 80)
DAY_S = 24 * 3600.0
BY_MARKER = effects.List("at 6")


class Engine:
    """The machine with a hand on its clock: `does` performs one decided effect with a given outcome."""

    def __init__(
        self,
        images: int = 2,
        *,
        resolved: bool = True,
        elsewhere: bool = False,
        batch_size: int = 2,
        attempts: int = 3,
        allowed: ServiceLimits = LIMITS,
    ) -> None:
        setup = Setup(
            entries=(1,) * images,
            sizes=tuple(SIZE if resolved else None for _ in range(images)),
            batch_size=batch_size,
            concurrency=5,
            attempts=attempts,
            elsewhere=bytes([elsewhere] * images),
            allowed=allowed,
        )
        self.now = 1000.0
        self.state = State(setup, state_of(images), Volatile(self.now))
        self.happened: list[facts.Fact] = []

    def decide(self) -> Decision:
        return decide(self.state, self.now)

    def does(
        self, effect: effects.Effect, outcome: outcomes.Outcome | None = None, *, after_s: float = 0.0
    ) -> Consequences:
        assert effect in self.decide().effects, self.decide()
        return self.hears(effect, outcome, after_s=after_s)

    def hears(
        self, effect: effects.Effect, outcome: outcomes.Outcome | None = None, *, after_s: float = 0.0
    ) -> Consequences:
        volatile.observe(self.state.volatile, notes.Started(effect), self.now)
        self.now += after_s
        consequences = interpret(self.state, effect, outcome or outcomes.Done(), Instant(self.now, AT))
        for fact in consequences.facts:
            apply(self.state.durable, fact)
            self.happened.append(fact)
        for note in consequences.notes:
            volatile.observe(self.state.volatile, note, self.now)
        return consequences

    def books(self) -> None:
        """Do what is decided without asking the world."""
        (effect,) = (effect for effect in self.decide().effects if isinstance(effect, effects.Bookkeeping))
        self.does(effect)

    def waits(self) -> list[str]:
        return [wait.why for wait in self.decide().waits]

    def sleeps(self, seconds: float) -> None:
        self.now += seconds

    def submit(self) -> effects.Submit:
        (effect,) = (effect for effect in self.decide().effects if isinstance(effect, effects.Submit))
        return effect


def length(seconds: float, entries: int = 100) -> Length:
    """A length that is known exactly, as if the looks had met the end."""
    return Length(entries, seconds, seconds, 0.0)


def listed(
    active: tuple[JobId, ...] = (), finished: tuple[JobId, ...] = (), max_active: int = 5, *, conclusive: bool = True
) -> Listed:
    """A listing in which every job but 6, which was there before, is newer than the marker it was asked with."""
    newer = tuple(job for job in (*active, *finished) if job != "6")
    return Listed(active, finished, max_active, "at 6", newer, conclusive)


def intended() -> Engine:
    engine = Engine()
    engine.does(effects.List(), listed(finished=("6",)))
    engine.books()
    return engine


def submitted(images: int = 2, batch_size: int = 2, attempts: int = 3) -> Engine:
    engine = Engine(images, batch_size=batch_size, attempts=attempts)
    engine.does(effects.List(), listed(finished=("6",)))
    engine.books()
    engine.does(engine.submit(), outcomes.Accepted("7"))
    return engine


def lost() -> Engine:
    engine = intended()
    engine.does(engine.submit(), outcomes.Unknown())
    return engine
