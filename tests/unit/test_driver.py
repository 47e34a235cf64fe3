"""The loop: nothing is applied before it is durable, and an interrupted run leaves at once what can be resumed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.sim.clock import VirtualClock
from tests.surroundings import Surroundings
from tests.unit.states import state_of

from coralrun.coralnet.protocol import LIMITS
from coralrun.driver import INTERRUPT_GRACE_S, LONGEST_WAIT_S, Completion, Driver, Ending
from coralrun.errors import DiskError
from coralrun.machine import effects, facts, outcomes
from coralrun.machine.apply import apply
from coralrun.machine.batches import Phase
from coralrun.machine.codec import encode_state
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.outcomes import TroubleKind
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import Size

SIZE = Size(10, 10)
BEGAN_S = 100.0


class World(Surroundings):
    """Workers that answer by effect, or never; a journal in a list; everything in one object."""

    def __init__(self, answers: dict[type[effects.Effect], outcomes.Outcome]) -> None:
        super().__init__(VirtualClock(now=BEGAN_S))
        self.answers = answers
        self.seconds: dict[type[effects.Effect], float] = {}
        self.disk_full_after: int | None = None
        self.interrupt_when: type[effects.Effect] | None = None
        self.budget_until_s = 0.0
        self.written: list[facts.Fact] = []
        self.told: list[facts.Fact] = []
        self.asked: list[effects.Effect] = []
        self.sent_s: list[float] = []
        self.waits: list[float] = []
        self._under_way: list[tuple[float, effects.Effect]] = []

    def start(self, effect: effects.Effect) -> None:
        self.asked.append(effect)
        self.sent_s.append(self.clock.now)
        self._under_way.append((self.clock.now + self.seconds.get(type(effect), 0.0), effect))

    def take(self, timeout_s: float) -> Completion | None:
        self.waits.append(timeout_s)
        done = [item for item in self._under_way if item[0] <= self.clock.now + timeout_s]
        if not done:
            self.clock.sleep(timeout_s)
            return None
        first = min(done, key=lambda item: item[0])
        self._under_way.remove(first)
        self.clock.now = max(self.clock.now, first[0])
        return Completion(first[1], self.answers[type(first[1])])

    def append(self, happened: Sequence[facts.Fact]) -> None:
        if self.disk_full_after is not None and len(self.written) >= self.disk_full_after:
            raise DiskError("full")
        self.written += happened

    def happened(self, state: State, fact: facts.Fact) -> None:
        assert fact in self.written
        self.told.append(fact)

    def is_set(self) -> bool:
        return any(type(effect) is self.interrupt_when for effect in self.asked)

    def wait_s(self, requests: int = 1) -> float:
        return max(0.0, self.budget_until_s - self.clock.now)


def driver(world: World) -> Driver:
    setup = Setup(entries=(1,), sizes=(SIZE,), batch_size=1, concurrency=1, attempts=3, allowed=LIMITS)
    return Driver(State(setup, state_of(1), Volatile(world.clock.now)), world, world, world.clock, world, world, world)


def good_world() -> World:
    return World(
        answers={
            effects.List: outcomes.Listed((), ("7",), 5),
            effects.Submit: outcomes.Accepted("7"),
            effects.Collect: outcomes.Collected("d", 1),
        }
    )


def test_a_run_of_one_image_goes_from_listing_to_finished() -> None:
    world = good_world()
    loop = driver(world)
    assert loop.run() is Ending.FINISHED
    kinds = [type(fact) for fact in world.written]
    assert kinds == [
        facts.Limited,
        facts.Batched,
        facts.Intended,
        facts.Submitted,
        facts.Collected,
        facts.Finished,
    ]
    assert world.told == world.written
    assert loop.state.volatile.in_flight == {}


@pytest.mark.parametrize("room", range(6))
def test_a_fact_that_did_not_reach_the_disk_is_not_applied(room: int) -> None:
    world = good_world()
    world.disk_full_after = room
    loop = driver(world)
    with pytest.raises(DiskError):
        loop.run()
    replayed = driver(good_world()).state.durable
    for fact in world.written:
        apply(replayed, fact)
    assert encode_state(loop.state.durable) == encode_state(replayed)
    assert world.told == world.written


def test_nothing_is_sent_before_its_intent_is_on_disk() -> None:
    world = good_world()
    world.disk_full_after = 1
    with pytest.raises(DiskError):
        driver(world).run()
    assert not any(isinstance(effect, effects.Submit) for effect in world.asked)


def test_an_interrupted_run_waits_for_a_submission_that_is_about_to_answer() -> None:
    world = good_world()
    world.interrupt_when = effects.Submit
    world.seconds = {effects.Submit: INTERRUPT_GRACE_S - 0.5}
    loop = driver(world)
    assert loop.run() is Ending.INTERRUPTED
    assert list(loop.state.durable.active) == [1]
    assert isinstance(world.written[-1], facts.Submitted)


def test_an_interrupted_run_does_not_wait_for_long() -> None:
    world = good_world()
    world.interrupt_when = effects.Submit
    world.seconds = {effects.Submit: 60.0}
    loop = driver(world)
    began_s = world.clock.now
    assert loop.run() is Ending.INTERRUPTED
    assert world.clock.now - began_s <= LONGEST_WAIT_S + INTERRUPT_GRACE_S
    assert loop.state.durable.open is not None
    assert loop.state.durable.open.phase is Phase.INTENDED


def test_an_intent_never_sent_is_taken_back_and_costs_no_wait() -> None:
    world = good_world()
    loop = driver(world)
    world.is_set = lambda: isinstance(world.written[-1:] and world.written[-1], facts.Intended)  # type: ignore[method-assign]
    assert loop.run() is Ending.INTERRUPTED
    assert world.asked == [effects.List()]
    assert world.written[-1] == facts.Refused(world.clock.utc(), 1, 1, RefusedWhy.NOT_SENT)

    resumed = driver(good_world())
    for fact in world.written:
        apply(resumed.state.durable, fact)
    began_s = resumed.clock.monotonic()
    assert resumed.run() is Ending.FINISHED
    assert resumed.clock.monotonic() - began_s < 100
    assert resumed.state.durable.doubts == []


def test_a_submission_that_was_handed_over_is_never_taken_back() -> None:
    world = good_world()
    world.interrupt_when = effects.Submit
    world.seconds = {effects.Submit: 60.0}
    loop = driver(world)
    assert loop.run() is Ending.INTERRUPTED
    assert not any(isinstance(fact, facts.Refused) for fact in world.written)


def test_an_interrupted_run_starts_nothing_new() -> None:
    world = good_world()
    world.interrupt_when = effects.List
    assert driver(world).run() is Ending.INTERRUPTED
    assert world.asked == [effects.List()]


def test_wrong_credentials_pause_the_run_and_say_so() -> None:
    world = good_world()
    world.answers[effects.List] = outcomes.Trouble(TroubleKind.CREDENTIALS, "Invalid token.")
    loop = driver(world)
    assert loop.run() is Ending.PAUSED
    assert loop.state.durable.paused == facts.Paused(world.clock.utc(), PauseWhy.CREDENTIALS, "Invalid token.")


def test_a_service_that_stays_away_pauses_the_run_after_a_day() -> None:
    world = good_world()
    world.answers[effects.List] = outcomes.Trouble(TroubleKind.UNREACHABLE)
    loop = driver(world)
    assert loop.run() is Ending.PAUSED
    assert loop.state.durable.paused is not None
    assert loop.state.durable.paused.why is PauseWhy.UNREACHABLE
    assert 24 * 3600 <= world.clock.now - BEGAN_S < 25 * 3600
    assert len(world.asked) < 24 * 7  # every ten minutes, once it has been away for long


def test_the_loop_wakes_often_enough_to_notice_an_interruption() -> None:
    world = good_world()
    world.seconds = {effects.List: 30.0}
    driver(world).run()
    assert max(world.waits) <= LONGEST_WAIT_S


def test_a_used_up_budget_is_waited_for() -> None:
    world = good_world()
    world.budget_until_s = 107.5
    assert driver(world).run() is Ending.FINISHED
    assert world.sent_s[0] == 107.5
