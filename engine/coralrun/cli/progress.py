"""How a run shows itself while it goes on.

Rule: at a terminal one live block, redrawn a few times a second: what is done, what is active, what is waited for and
why, how long it may still take. Elsewhere plain lines, at most one a state change, and one when the service, or the
images' site, is away and one when it is back: a log that falls silent is not to be told from a process that hangs. Both
only read the state.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from coralrun import limits
from coralrun.app.run_directory import OpenRun
from coralrun.cli.printer import Printer, printable
from coralrun.machine import effects, facts
from coralrun.machine.decide import Decision
from coralrun.machine.notes import Channel
from coralrun.machine.reasons import TEXTS
from coralrun.machine.state import State
from coralrun.values.phrases import duration

if TYPE_CHECKING:
    from rich.live import Live

REDRAW_S = 0.25
_BAR_CELLS = 32

_DOING = {
    effects.Submit: "sending a batch",
    effects.List: "asking for the account's jobs",
    effects.Look: "asking about a job",
    effects.Identify: "examining a job that may be a lost batch",
    effects.Collect: "fetching a result",
    effects.Resolve: "asking where images are",
}


def fact_line(state: State, fact: facts.Fact) -> str | None:
    """A fact in words, or None for one that nobody need read."""
    done = f"{state.durable.units_over:,} of {state.durable.units:,} images done"
    match fact:
        case facts.Submitted():
            how = " (found again: its reply had been lost)" if fact.adopted else ""
            return f"batch {fact.batch} is job {fact.job}{how}"
        case facts.Collected():
            again = f", {len(fact.again)} again" if fact.again else ""
            failed = f", {len(fact.final)} failed" if fact.final else ""
            return f"batch {fact.batch} is done: {fact.ok} images{failed}{again}; {done}"
        case facts.Refused(why=facts.RefusedWhy.BAD_ENTRY):
            return f"batch {fact.batch} goes without {len(fact.drop)} image that the service refuses"
        case facts.Refused():
            return f"batch {fact.batch} waits: {fact.why}"
        case facts.Doubted():
            return f"batch {fact.batch} is sent again: it cannot be known whether it arrived"
        case facts.GaveUp():
            failed = f", {len(fact.final)} failed" if fact.final else ""
            return f"job {fact.job} of batch {fact.batch}: {TEXTS[fact.why]}; {len(fact.again)} images again{failed}"
        case facts.Ended():
            why = ", ".join(sorted({TEXTS[reason] for reason in fact.final.values()}))
            return f"{len(fact.final)} image cannot be submitted: {why}"
        case facts.Limited():
            return f"the account may have {fact.max_active} active jobs"
        case facts.Paused():
            return f"paused: {fact.why}"
        case _:
            return None


_AWAY = {
    "the service": {
        Channel.API: "cannot be reached",
        Channel.SUBMIT: "takes no batches",
        Channel.RESULTS: "gives no results",
        Channel.THROTTLE: "takes no requests",
    },
    "the images' site": {Channel.IMAGES: "cannot be reached"},
}
"""Who may be away, and what that means by the channel that fails."""

_MEANWHILE = f"it is asked again, every {limits.BACKOFF_MOST_S / 60:.0f} min at the longest; nothing is lost"
AWAY_FAILURES = 2
"""One request that fails is no outage: the next one follows within seconds."""


@dataclass(slots=True)
class PlainProgress:
    """A line a state change."""

    printer: Printer
    _away_s: dict[str, float] = field(default_factory=dict)  # who is said to be away, and since when it is

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Tell once that somebody is away, and once that it is back."""
        outages = state.volatile.outages
        if not (outages or self._away_s):
            return
        for who, meanings in _AWAY.items():
            failing = [channel for channel in meanings if channel in outages]
            away = next((channel for channel in failing if outages[channel].failures >= AWAY_FAILURES), None)
            if away is not None and who not in self._away_s:
                self._away_s[who] = outages[away].since_s
                self.printer.doing(f"{who} {meanings[away]}; {_MEANWHILE}")
            elif not failing and who in self._away_s:
                lasted = duration(now - self._away_s.pop(who))
                self.printer.doing(f"{who} is back after {lasted}")

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Tell a fact."""
        line = fact_line(state, fact)
        if line is not None:
            self.printer.doing(line)


@dataclass(slots=True)
class LiveProgress:
    """One block at a terminal."""

    live: Live
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
            from rich.text import Text

            self.live.update(
                Text("\n".join(printable(line) for line in self._block(state, decision, now))), refresh=True
            )

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Remember the last fact worth telling."""
        self._last = fact_line(state, fact) or self._last

    def _block(self, state: State, decision: Decision, now: float) -> Iterator[str]:
        durable = state.durable
        over, total = durable.units_over, durable.units
        filled = _BAR_CELLS * over // max(total, 1)
        yield f"{'█' * filled}{'░' * (_BAR_CELLS - filled)} {over:,} of {total:,} images"
        yield f"points      {self._points(state):,} of {sum(self.counts):,}"
        active = ", ".join(str(batch.job) for batch in durable.active.values()) or "none"
        yield f"jobs        active {len(durable.active)} ({active}), done {len(durable.closed)}"
        yield f"failures    {len(durable.ended):,} images"
        yield f"time left   {self._time_left(over, total, now)}"
        yield f"now         {doing(state, decision, now)}"
        if self._last:
            yield f"last        {self._last}"

    def _points(self, state: State) -> int:
        """The points of the images that are over. Each is counted once, as its job closes or it ends; both grow."""
        durable = state.durable
        for job in islice(durable.closed, self._jobs_counted, None):
            self._points_over += sum(map(self.counts.__getitem__, job.succeeded))
        if len(durable.ended) > self._ended_counted:
            newly = islice(durable.ended, self._ended_counted, None)
            self._points_over += sum(map(self.counts.__getitem__, newly))
        self._jobs_counted, self._ended_counted = len(durable.closed), len(durable.ended)
        return self._points_over

    def _time_left(self, over: int, total: int, now: float) -> str:
        done = over - self._began_over
        if done < 1 or now <= self._began_s:
            return "not known yet"
        return f"about {duration((now - self._began_s) / done * (total - over))}"


def doing(state: State, decision: Decision, now: float) -> str:
    """What is under way, or what is waited for and why."""
    kinds = {type(effect) for effect in (*state.volatile.in_flight, *decision.effects)}
    under_way = [text for kind, text in _DOING.items() if kind in kinds]
    if under_way:
        return ", ".join(under_way)
    if decision.waits:
        wait = min(decision.waits, key=lambda wait: wait.until_s)
        return f"waiting {duration(max(0.0, wait.until_s - now))} for {wait.why}"
    return "finishing"


@contextmanager
def shown(opened: OpenRun, printer: Printer, *, live: bool) -> Iterator[PlainProgress | LiveProgress]:
    """A watcher for the time of a run."""
    if not (live and sys.stderr.isatty()):  # the block is drawn there, and would end the process if its reader left
        yield PlainProgress(printer)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    with Live(console=console, auto_refresh=False, transient=True) as block:
        refreshing = LiveProgress(block, opened.units.by_unit(opened.point_counts))
        yield refreshing
