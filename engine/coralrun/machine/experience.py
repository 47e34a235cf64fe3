"""What this process has learnt of how long jobs take, and what it expects of those at work.

Rule: part of the volatile half: changed by `observe` alone, lost at every restart, and no rule of safety rests on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from coralrun.machine.lengths import Forecast, Growth, Length, Spread, growth_of, spread_of

KEPT: Final = 50
"""Lengths that are remembered: enough to know their spread, few enough to follow a server that changes."""

MISSES_KEPT: Final = 12
"""Forecasts whose outcome is remembered."""

TESTS_LEAST: Final = 3
"""Forecasts that must have been put to the test before they are judged."""

GUESSED_MISSES: Final = (-0.15, 0.0, 0.15)
"""How far forecasts miss before it is known."""

TRY_EVERY: Final = 20
"""Where status calls foretold nothing, one is tried again after so many jobs: the server may have changed."""

TOLD_SHARE: Final = 0.8
TOLD_WITHIN: Final = 0.1
"""Status calls foretell if this share of the forecasts missed by no more than this share of the rest."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A job at work: since when, when it was last seen so, and what is expected. `over` says that its end was seen.

    `whole` says that its start was seen too, so that its length can be learnt.
    """

    started_s: float
    seen_s: float
    entries: int
    whole: bool = True
    over: bool = False
    forecast: Forecast | None = None


@dataclass(slots=True)
class Experience:
    """The jobs that are watched, the last lengths, and how far the last forecasts missed.

    A miss is the share of the expected rest by which a job ended later (or earlier, below 0) than forecast; None
    stands for a status call that told nothing. `ended` counts the jobs seen to end, `ended_then` those before the last
    status call, which was answered at `heard_s`.
    """

    watched: dict[int, Watched] = field(default_factory=dict)
    lengths: deque[Length] = field(default_factory=lambda: deque(maxlen=KEPT))
    misses: deque[float | None] = field(default_factory=lambda: deque(maxlen=MISSES_KEPT))
    ended: int = 0
    ended_then: int = 0
    heard_s: float = float("-inf")

    def spread(self, entries: int = 0) -> Spread:
        """How long jobs take, as far as it is known: those of so many entries, or any."""
        at_work = (each for each in self.watched.values() if each.whole and not each.over)
        ages_s = tuple(each.seen_s - each.started_s for each in at_work)
        growth = self.growth() if entries else None
        if growth is None:
            return spread_of(tuple(self.lengths), ages_s)
        wanted_s = growth.seconds(entries)
        return spread_of(tuple(length.times(wanted_s / growth.seconds(length.entries)) for length in self.lengths), ())

    def growth(self) -> Growth | None:
        """How the time of a job grows with its size; None where that is not known, or it does not."""
        return growth_of(tuple(self.lengths))

    def is_telling(self) -> bool:
        """Whether status calls foretell when a job ends: they did of late, or have not been tried yet."""
        if len(self.misses) < TESTS_LEAST:
            return True
        known = [miss for miss in self.misses if miss is not None and abs(miss) <= TOLD_WITHIN]
        return len(known) >= TOLD_SHARE * len(self.misses)

    def is_known_to_tell(self) -> bool:
        """Whether status calls were seen to foretell ends: only then do looks hit, and may be few."""
        return self.is_telling() and len(self.misses) >= TESTS_LEAST

    def is_worth_a_try(self) -> bool:
        """Whether a status call should be made although the last ones foretold nothing."""
        return self.ended - self.ended_then >= TRY_EVERY

    def known_misses(self) -> tuple[float, ...]:
        """By how much the last forecasts missed, and a guess while few have been put to the test."""
        known = tuple(miss for miss in self.misses if miss is not None)
        return known if len(known) >= TESTS_LEAST else (*known, *GUESSED_MISSES)

    def start(self, job: int, entries: int, now: float, *, whole: bool) -> None:
        """A job of ours is at work."""
        self.watched[job] = Watched(now, now, entries, whole)

    def see(self, job: int, at_s: float) -> None:
        """A job was seen at work."""
        watched = self.watched.get(job)
        if watched is not None:
            self.watched[job] = replace(watched, seen_s=max(watched.seen_s, at_s), over=False)

    def hear(self, job: int, done: int, now: float) -> None:
        """A status call told how many entries of a job are done."""
        self.see(job, now)
        self.heard_s, self.ended_then = now, self.ended
        watched = self.watched.get(job)
        if watched is None or not watched.whole:
            return
        if done < 1:
            self.misses.append(None)
        age_s = now - watched.started_s
        end_s = watched.started_s + age_s * watched.entries / (done + 0.5) if done else float("inf")
        self.watched[job] = replace(watched, forecast=Forecast(now, done, end_s))

    def end(self, job: int, now: float) -> None:
        """A job was seen to be over."""
        watched = self.watched.get(job)
        if watched is None or watched.over:
            return
        self.watched[job] = replace(watched, over=True)
        self.ended += 1
        if not watched.whole:
            return
        self.lengths.append(Length(watched.entries, watched.seen_s - watched.started_s, now - watched.started_s))
        forecast = watched.forecast
        if forecast is not None and forecast.done:
            rest_s = max(forecast.end_s - forecast.asked_s, 1.0)
            nearest_s = min(max(forecast.end_s, watched.seen_s), now)  # the least miss that the looks allow
            self.misses.append((nearest_s - forecast.end_s) / rest_s)

    def forget(self, job: int) -> None:
        """A job's result is here, or is waited for no longer."""
        self.watched.pop(job, None)
