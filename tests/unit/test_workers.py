"""Real threads: each channel works on its own, each effect comes back once, and an error comes back as itself."""

from __future__ import annotations

import threading

import pytest

from coralrun.driver import Completion
from coralrun.machine import effects, outcomes
from coralrun.planning.images import Size
from coralrun.workers import ThreadedWorkers

SIZE = Size(10, 10)
COLLECT = effects.Collect(1, 1, "5", (0,), (SIZE,))


def test_every_effect_comes_back_once_with_its_own_outcome() -> None:
    def perform(effect: effects.Effect) -> outcomes.Outcome:
        assert isinstance(effect, effects.Resolve)
        return outcomes.Resolved(Size(effect.image, 1))

    workers = ThreadedWorkers(perform)
    for image in range(50):
        workers.start(effects.Resolve(image))
    came = [workers.take(10.0) for _ in range(50)]
    assert {completion.effect for completion in came if completion} == {effects.Resolve(image) for image in range(50)}
    for completion in came:
        assert completion is not None
        assert isinstance(completion.effect, effects.Resolve)
        assert completion.outcome == outcomes.Resolved(Size(completion.effect.image, 1))
    assert workers.take(0.0) is None


def test_questions_to_the_service_are_asked_one_at_a_time_in_order() -> None:
    order: list[effects.Effect] = []
    at_once = threading.Semaphore(1)

    def perform(effect: effects.Effect) -> outcomes.Outcome:
        assert at_once.acquire(blocking=False)
        order.append(effect)
        at_once.release()
        return outcomes.Done()

    workers = ThreadedWorkers(perform)
    asked: list[effects.Effect] = [
        effects.List(),
        effects.Look("1"),
        effects.Submit(1, 1, (0,), (SIZE,)),
        effects.Identify(1, 1, "2"),
    ] * 5
    for effect in asked:
        workers.start(effect)
    assert [completion.effect for _ in asked if (completion := workers.take(10.0))] == asked
    assert order == asked


def test_a_slow_question_holds_up_neither_results_nor_pages() -> None:
    gate = threading.Event()

    def perform(effect: effects.Effect) -> outcomes.Outcome:
        if isinstance(effect, effects.List):
            assert gate.wait(10.0)
        return outcomes.Done()

    workers = ThreadedWorkers(perform)
    begun: tuple[effects.Effect, ...] = (effects.List(), COLLECT, effects.Resolve(0))
    for effect in begun:
        workers.start(effect)
    first = {completion.effect for _ in range(2) if (completion := workers.take(10.0))}
    assert first == {COLLECT, effects.Resolve(0)}
    gate.set()
    assert workers.take(10.0) == Completion(effects.List(), outcomes.Done())


def test_an_error_in_a_worker_is_raised_where_the_state_is_owned() -> None:
    def perform(effect: effects.Effect) -> outcomes.Outcome:
        raise ZeroDivisionError("in the worker")

    workers = ThreadedWorkers(perform)
    workers.start(COLLECT)
    with pytest.raises(ZeroDivisionError, match="in the worker"):
        workers.take(10.0)
