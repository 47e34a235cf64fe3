"""One block at a terminal that shows a run while it goes on.

Rule: redrawn a few times a second: what is done, what is active, what is waited for and why, how long it may still
take. The state is only read.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice

from coralrun.app.run.headway import Headway, classify_s, only_uploads
from coralrun.app.run.progress import STANDSTILL_S, doing, fact_line, first_result
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.summary import some
from coralrun.console.colour import coloured, is_coloured
from coralrun.console.passing import Step, step_of
from coralrun.console.printable import folded, printable
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.values.phrases import count, duration, roughly

REDRAW_S = 0.25
_BAR_CELLS = 32
_NOW = "now         "
_NOT_KNOWN = "not known yet"


@dataclass(slots=True)
class LiveProgress:
    """One block that changes: `show` puts it in the place of the one before."""

    show: Callable[[str], None]
    counts: Sequence[int]  # of points, unit by unit
    _headway: Headway = field(default_factory=Headway)
    _drawn_s: float = float("-inf")
    _last: str = ""
    _jobs_counted: int = 0
    _ended_counted: int = 0
    _points_over: int = 0
    _step: Step | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _lines: tuple[str, ...] = ()

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Redraw, if it is time."""
        self._headway.see(state, now)
        if now - self._drawn_s >= REDRAW_S:
            self._drawn_s = now
            lines = tuple(printable(line) for line in self._block(state, decision, now))
            with self._turn:
                self._lines = lines
                self.show("\n".join(lines))

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Remember the last fact worth telling."""
        self._last = fact_line(state, fact) or self._last

    def doing(self, what: str, done: int = 0, of: int = 0) -> None:
        """Tell what goes on beside the run, or after it, until the block is drawn again; from any thread."""
        now = time.monotonic()
        with self._turn:
            self._step = step_of(self._step, what, done, of, now)
            said = f"{_NOW}{printable(what)}{self._step.tail(now)}"
            lines = [said if line.startswith(_NOW) else line for line in self._lines]
            self.show("\n".join(lines or [said]))

    def _block(self, state: State, decision: Decision, now: float) -> Iterator[str]:
        durable = state.durable
        done, total = self._headway.done, durable.wanted
        filled = _BAR_CELLS * done // max(total, 1)
        yield f"{'█' * filled}{'░' * (_BAR_CELLS - filled)} {done:,} of {count(total, 'image')}"
        yield f"points      {self._points(state):,} of {sum(self.counts):,}"
        yield f"jobs        {_jobs(state)}"
        yield f"failures    {count(len(durable.ended), 'image')}"
        yield f"time left   {first_result(state, now, self._points_of) or self._time_left(state, now)}"
        if uploads := len(state.setup.uploads):
            yield f"uploads     {state.uploads_there():,} of {count(uploads, 'photo')} there"
        yield f"{_NOW}{doing(state, decision, now)}{self._standstill(state, now)}"
        if self._last:
            yield f"last        {self._last}"

    def _points(self, state: State) -> int:
        """The points of the images that are done. Each that is over is counted once, as its job closes or it ends: both
        grow."""
        durable = state.durable
        for job in islice(durable.closed, self._jobs_counted, None):
            self._points_over += self._points_of(job.succeeded)
        if len(durable.ended) > self._ended_counted:
            newly = islice(durable.ended, self._ended_counted, None)
            self._points_over += self._points_of(newly)
        self._jobs_counted, self._ended_counted = len(durable.closed), len(durable.ended)
        in_jobs = [progress.share_of(self._points_of(batch.units)) for batch, progress in state.jobs_told()]
        return self._points_over + sum(in_jobs)

    def _points_of(self, units: Iterable[int]) -> int:
        """The points of those of some units that the plan names; the table may end before others."""
        return sum([self.counts[unit] for unit in units if unit < len(self.counts)])

    def _time_left(self, state: State, now: float) -> str:
        left_s = self._headway.left_s(state, now)
        if left_s is None:
            return _NOT_KNOWN
        if not only_uploads(state):
            return roughly(left_s)
        then_s = classify_s(state)
        then = f", then at least {duration(then_s)}" if then_s else ""
        return f"{roughly(left_s - then_s)} until the photos are there{then}"

    def _standstill(self, state: State, now: float) -> str:
        """For how long no image was done, where a service that tells of each has jobs at work."""
        quiet_s = now - self._headway.changed_s
        is_told = next(state.jobs_told(), None) is not None
        return f" (nothing new for {duration(quiet_s)})" if is_told and quiet_s >= STANDSTILL_S else ""


def _jobs(state: State) -> str:
    """The jobs of a run: those that hold a place at the service, as far as it is known, those that wait to be fetched,
    and those that are over."""
    mine, volatile = [batch.job for batch in state.durable.active.values()], state.volatile
    active = [job for job in mine if volatile.listed_s is None or job in volatile.active_jobs]
    to_fetch = f", to be fetched {len(mine) - len(active)}" if len(mine) > len(active) else ""
    return f"active {len(active)} ({some(active) or 'none'}){to_fetch}, over {len(state.durable.closed):,}"


def progress_of(opened: OpenRun, show: Callable[[str], None]) -> LiveProgress:
    """A watcher of a run that shows the block in a way of one's own."""
    return LiveProgress(show, opened.units.by_unit(opened.point_counts, 0))


@contextmanager
def drawn(opened: OpenRun) -> Iterator[LiveProgress]:
    """A watcher that draws the block at the terminal for the time of a run."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    has_colours = is_coloured(sys.stderr)

    def rendered(text: str) -> Text:
        lines = [folded(line, console.width) for line in text.split("\n")]
        if not has_colours:
            return Text("\n".join(chain.from_iterable(lines)))
        return Text.from_ansi("\n".join(chain.from_iterable(map(coloured, lines))))

    with Live(console=console, auto_refresh=False, transient=True) as block:
        yield progress_of(opened, lambda text: block.update(rendered(text), refresh=True))
