"""One block at a terminal that shows a run while it goes on.

Rule: redrawn a few times a second: what is done, what is active, what is waited for and why, how long it may still
take. The state is only read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from coralrun.app.run.progress import doing, fact_line
from coralrun.app.run.run_directory import OpenRun
from coralrun.console.colour import coloured, is_coloured
from coralrun.console.printable import printable
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.values.phrases import count, duration

REDRAW_S = 0.25
_BAR_CELLS = 32


@dataclass(slots=True)
class LiveProgress:
    """One block that changes: `show` puts it in the place of the one before."""

    show: Callable[[str], None]
    counts: Sequence[int]  # of points, unit by unit
    _began_s: float = -1.0
    _began_over: int = 0
    _drawn_s: float = float("-inf")
    _last: str = ""
    _jobs_counted: int = 0
    _ended_counted: int = 0
    _points_over: int = 0

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Redraw, if it is time."""
        if self._began_s < 0:
            self._began_s, self._began_over = now, state.durable.units_over
        if now - self._drawn_s >= REDRAW_S:
            self._drawn_s = now
            self.show("\n".join(printable(line) for line in self._block(state, decision, now)))

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Remember the last fact worth telling."""
        self._last = fact_line(state, fact) or self._last

    def _block(self, state: State, decision: Decision, now: float) -> Iterator[str]:
        durable = state.durable
        over, total = durable.units_over, durable.wanted
        filled = _BAR_CELLS * over // max(total, 1)
        yield f"{'█' * filled}{'░' * (_BAR_CELLS - filled)} {over:,} of {count(total, 'image')}"
        yield f"points      {self._points(state):,} of {sum(self.counts):,}"
        active = ", ".join(str(batch.job) for batch in durable.active.values()) or "none"
        yield f"jobs        active {len(durable.active)} ({active}), over {len(durable.closed):,}"
        yield f"failures    {count(len(durable.ended), 'image')}"
        yield f"time left   {self._time_left(over, total, now)}"
        yield f"now         {doing(state, decision, now)}"
        if self._last:
            yield f"last        {self._last}"

    def _points(self, state: State) -> int:
        """The points of the images that are over. Each is counted once, as its job closes or it ends; both grow."""
        durable = state.durable
        for job in islice(durable.closed, self._jobs_counted, None):
            self._points_over += self._points_of(job.succeeded)
        if len(durable.ended) > self._ended_counted:
            newly = islice(durable.ended, self._ended_counted, None)
            self._points_over += self._points_of(newly)
        self._jobs_counted, self._ended_counted = len(durable.closed), len(durable.ended)
        return self._points_over

    def _points_of(self, units: Iterable[int]) -> int:
        """The points of those of some units that the plan names; the table may end before others."""
        return sum([self.counts[unit] for unit in units if unit < len(self.counts)])

    def _time_left(self, over: int, total: int, now: float) -> str:
        done = over - self._began_over
        if done < 1 or now <= self._began_s:
            return "not known yet"
        return f"about {duration((now - self._began_s) / done * (total - over))}"


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
    lines = "\n".join

    def rendered(text: str) -> Text:
        return Text.from_ansi(lines(map(coloured, text.split("\n")))) if is_coloured(sys.stderr) else Text(text)

    with Live(console=console, auto_refresh=False, transient=True) as block:
        yield progress_of(opened, lambda text: block.update(rendered(text), refresh=True))
