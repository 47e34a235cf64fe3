"""One question asked of many things, several at a time, with the answers in order.

Rule: daemon threads, never joined: whoever interrupts a command has the prompt back at once, whatever they wait for.
That is why no pool of the standard library is used, which waits for its threads when the program ends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Final, TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")

AHEAD: Final = 8
"""So many times as many things as workers are asked of ahead of the one whose answer is next."""


def parallel_map(
    ask: Callable[[Thing], Answer], things: Iterable[Thing], workers: int
) -> Generator[Answer, None, None]:
    """What `ask` returns for each thing, in their order, by so many workers; what it raises is raised in its place.

    Nothing more is asked once the iterator is closed, or has raised.
    """
    todo: SimpleQueue[tuple[Thing, Future[Answer]] | None] = SimpleQueue()
    waiting: deque[Future[Answer]] = deque()
    threads = 0
    try:
        for thing in things:
            asked: Future[Answer] = Future()
            waiting.append(asked)
            todo.put((thing, asked))
            if threads < workers:
                threads += 1
                threading.Thread(target=_work, args=(ask, todo), name=f"worker-{threads}", daemon=True).start()
            if len(waiting) == AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for asked in waiting:
            asked.cancel()
        for _ in range(threads):
            todo.put(None)


def _work(ask: Callable[[Thing], Answer], todo: SimpleQueue[tuple[Thing, Future[Answer]] | None]) -> None:
    while (task := todo.get()) is not None:
        thing, asked = task
        if asked.set_running_or_notify_cancel():
            try:
                asked.set_result(ask(thing))
            except BaseException as error:  # raised again, in the thread that waits for the answer
                asked.set_exception(error)


def parallel_map_within(
    ask: Callable[[Thing], Answer], things: Iterable[Thing], workers: int, most_s: float
) -> list[Answer | None]:
    """What `ask` returns for each thing, in their order; None for each that has not answered after `most_s` in all."""
    todo: SimpleQueue[tuple[Thing, Future[Answer]] | None] = SimpleQueue()
    asked: list[Future[Answer]] = []
    for thing in things:
        asked.append(Future())
        todo.put((thing, asked[-1]))
    for number in range(min(workers, len(asked))):
        todo.put(None)
        threading.Thread(target=_work, args=(ask, todo), name=f"worker-{number + 1}", daemon=True).start()
    done, _ = wait(asked, timeout=most_s)
    for question in asked:
        question.cancel()
    return [question.result() if question in done else None for question in asked]
