"""Requests that a plan needs, repeated where nobody answers.

Rule: only what a plan needs is asked for so, in the thread that wants it; what a run asks for rests by the engine's
policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from coralrun.errors import ServiceError, TooManyRequests

T = TypeVar("T")

TRIES = 5
FIRST_PAUSE_S = 2.0
"""Doubled from pause to pause, so that one bad half minute does not throw away a crawl of hours."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait before a page that failed is asked for again, and whom to tell, in words, what is waited for."""

    sleep: Callable[[float], None]
    tell: Callable[[str], None]


def patiently(patience: Patience | None, ask: Callable[[], T]) -> T:
    """What `ask` returns; where the service fails it is asked again, as patience has it. Without any, it is not."""
    pause_s = FIRST_PAUSE_S
    for left in range(TRIES - 1 if patience is not None else 0, -1, -1):
        try:
            return ask()
        except ServiceError as error:
            if patience is None or not left:
                raise
            wait_s = max(pause_s, error.wait_s) if isinstance(error, TooManyRequests) else pause_s
            patience.tell(f"{error.message}: asking again in {wait_s:.0f} s")
            patience.sleep(wait_s)
            pause_s *= 2
    raise AssertionError("the last try returns or raises")
