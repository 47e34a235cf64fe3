"""What goes on, while it goes on: one line at a terminal that changes, a few lines in a log.

Rule: nothing stands still. At a terminal the line tells its counts a few times a second and, where nothing is news,
for how long that has been so; in a log a step is told when it begins, and how far it is every half minute. Times are
told as what they are: guesses by the pace so far. May be called from any thread.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from coralrun.values.phrases import roughly

REDRAW_S: Final = 0.1
QUIET_S: Final = 1.0
"""After so long without news the line is drawn again, with the time."""
LATE_S: Final = 0.25
"""What a command begins with is told when it has lasted so long: most are over by then."""
PACE_S: Final = 2.0
"""A pace of less time says little."""
SPARSE_S: Final = 30.0
"""From one line of a step to the next, in a log."""
_LEAST_COLUMNS: Final = 20
_CUT: Final = "..."


@dataclass(slots=True)
class Step:
    """Something that goes on: since when, how far it was then and is now, and of how many."""

    what: str
    began_s: float
    first: int
    done: int = 0
    of: int = 0
    news_s: float = 0.0

    def tail(self, now: float) -> str:
        """How far it is, and how long it may still take; else how long nothing was heard."""
        said = f": {self.done:,}" if self.done or self.of else ""
        said += f" of {self.of:,}" if self.of else ""
        passed_s = now - self.began_s
        if self.done > self.first and self.done < self.of and passed_s >= PACE_S:
            return f"{said}, {roughly(passed_s / (self.done - self.first) * (self.of - self.done))} left"
        quiet_s = int(now - self.news_s)
        return f"{said} ({quiet_s} s)" if quiet_s >= PACE_S else said


def step_of(before: Step | None, what: str, done: int, of: int, now: float) -> Step:
    """How far something is: the step before, gone on with, where it is the same."""
    step = before if before is not None and before.what == what and before.done <= done else Step(what, now, done)
    step.done, step.of, step.news_s = done, of, now
    return step


@dataclass(slots=True)
class Passing:
    """The line that changes. `show` puts a text in its place, and none with ""; with `ticks` time alone changes it."""

    show: Callable[[str], None]
    ticks: bool = False
    now: Callable[[], float] = time.monotonic
    columns: Callable[[], int] = lambda: shutil.get_terminal_size().columns
    _step: Step | None = None
    _drawn_s: float = float("-inf")
    _is_shown: bool = False
    _ticker: threading.Thread | None = None
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def doing(self, what: str, done: int = 0, of: int = 0, *, late: bool = False) -> None:
        """Tell what goes on, and how far it is; `late` tells it when it has lasted."""
        with self._turn:
            now, before = self.now(), self._step
            self._step = step_of(before, what, done, of, now)
            if late:
                self._drawn_s = now - QUIET_S + LATE_S
            elif self._step is not before or now - self._drawn_s >= REDRAW_S:
                self._draw(self._step, now)
            if self.ticks and self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
                self._ticker.start()

    def clear(self) -> None:
        """Nothing goes on that is to be told."""
        with self._turn:
            self._step = None
            if self._is_shown:
                self._is_shown = False
                self.show("")

    def _draw(self, step: Step, now: float) -> None:
        tail = step.tail(now)
        room = max(self.columns() - 1, _LEAST_COLUMNS) - len(tail)
        what = step.what if len(step.what) <= room else step.what[: max(room - len(_CUT), 0)] + _CUT
        self._drawn_s, self._is_shown = now, True
        self.show(what + tail)

    def _tick(self) -> None:
        while True:
            time.sleep(LATE_S)
            with self._turn:
                if self._step is None:
                    self._ticker = None
                    return
                now = self.now()
                if now - self._drawn_s >= QUIET_S:
                    self._draw(self._step, now)


@dataclass(slots=True)
class Sparse:
    """The same in lines."""

    tell: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    _step: Step | None = None
    _told_s: float = 0.0
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def doing(self, what: str, done: int = 0, of: int = 0, *, late: bool = False) -> None:
        """Tell what goes on, when it begins and once in a while; what need not be told at once is not told."""
        with self._turn:
            now, before = self.now(), self._step
            if late:
                return
            self._step = step_of(before, what, done, of, now)
            if self._step is not before or now - self._told_s >= SPARSE_S:
                self._told_s = now
                self.tell(what + self._step.tail(now))

    def clear(self) -> None:
        """What is told stays."""
