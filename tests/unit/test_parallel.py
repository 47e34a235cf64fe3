"""Many things asked of, several at a time: in order, no more than wanted, and nothing once it is over."""

from __future__ import annotations

import threading
from itertools import count, islice

import pytest

from coralrun.parallel import AHEAD, parallel_map, parallel_map_within

PATIENT_S = 30.0


def test_answers_come_in_the_order_of_the_things_however_long_each_takes() -> None:
    second_is_there = threading.Event()

    def ask(number: int) -> int:
        if number == 0:
            assert second_is_there.wait(PATIENT_S)
        if number == 1:
            second_is_there.set()
        return 10 * number

    assert list(parallel_map(ask, range(5), 2)) == [0, 10, 20, 30, 40]


def test_as_many_are_asked_at_a_time_as_there_are_workers_and_no_more() -> None:
    together = threading.Barrier(3)
    busy: list[int] = []
    most: list[int] = []

    def ask(number: int) -> int:
        busy.append(number)
        together.wait(PATIENT_S)  # nobody passes before there are three
        most.append(len(busy))
        together.wait(PATIENT_S)
        busy.remove(number)
        return number

    assert list(parallel_map(ask, range(12), 3)) == list(range(12))
    assert set(most) == {3}


def test_endless_things_are_asked_of_only_so_far_ahead() -> None:
    asked: list[int] = []
    answers = parallel_map(asked.append, count(), 2)
    assert list(islice(answers, 5)) == [None] * 5
    answers.close()
    assert len(asked) <= 5 + AHEAD * 2


def test_an_error_is_raised_in_its_place_and_ends_the_answers() -> None:
    def ask(number: int) -> int:
        if number == 2:
            raise ValueError("no such thing")
        return number

    answers = parallel_map(ask, count(), 1)
    assert [next(answers), next(answers)] == [0, 1]
    with pytest.raises(ValueError, match="no such thing"):
        next(answers)
    with pytest.raises(StopIteration):
        next(answers)


def test_once_closed_nothing_more_is_asked() -> None:
    go_on = threading.Event()
    asked: list[int] = []
    workers: list[threading.Thread] = []

    def ask(number: int) -> None:
        asked.append(number)
        workers.append(threading.current_thread())
        if number:
            assert go_on.wait(PATIENT_S)

    answers = parallel_map(ask, range(100), 1)
    next(answers)
    answers.close()
    go_on.set()
    workers[0].join(PATIENT_S)
    assert asked in ([0], [0, 1])


def test_of_nothing_nothing_is_asked() -> None:
    assert list(parallel_map(len, [], 4)) == []


def test_what_has_not_answered_in_time_has_no_answer_and_the_rest_has() -> None:
    over = threading.Event()

    def ask(number: int) -> int:
        if number == 1:
            over.wait(PATIENT_S)
        return 10 * number

    try:
        assert parallel_map_within(ask, range(3), 2, 0.2) == [0, None, 20]
    finally:
        over.set()
    assert parallel_map_within(ask, (), 2, 0.2) == []


def test_an_error_of_one_of_several_is_raised() -> None:
    def ask(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="7"):
        parallel_map_within(ask, [7], 2, PATIENT_S)
