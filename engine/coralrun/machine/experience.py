"""What this process has learnt of how long jobs take, and what it expects of those at work.

Rule: part of the volatile half: changed by `observe` alone, lost at every restart, and no rule of safety rests on it.
A job's end is known only between two looks; its length is taken as ending in the middle of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, NamedTuple

KEPT: Final = 50
"""Lengths that are remembered: enough to know their spread, few enough to follow a server that changes."""

MISSES_KEPT: Final = 12
"""Forecasts whose outcome is remembered."""

GUESS_S: Final = 240.0
"""A job's usual length before one was seen: the middle of the 2 to 6 minutes of an idle CoralNet (protocol 5)."""

GUESS_SHAPE: Final = 2.0
"""How sure the guess is: half of the lengths lie between 0.58 and 1.73 times the guess."""

DOUBT_SHAPE: Final = 4.0
"""The same for what no length seen so far has shown: one more length, near their middle."""


FORECAST_SHAPE: Final = 16.0
"""The same for what no forecast so far has shown."""

TESTS_LEAST: Final = 3
"""Forecasts that must have been put to the test before they are judged."""

GUESSED_MISSES: Final = (-0.15, 0.0, 0.15)
"""How far forecasts miss before it is known."""


BEYOND: Final = 1.25
"""Where the middle is taken to be while less than half of the jobs have ended: beyond the oldest by a quarter."""


TRY_EVERY: Final = 20
"""Where status calls foretold nothing, one is tried again after so many jobs: the server may have changed."""

TOLD_SHARE: Final = 0.8
TOLD_WITHIN: Final = 0.1
"""Status calls foretell if this share of the forecasts missed by no more than this share of the rest."""

GROWTH_SURE: Final = 4.0
"""How many of its standard errors the growth of time with size must be, to be believed when many jobs have ended."""

GROWTH_FEW: Final = 13.5
"""How much surer it must be when few have: with this by the square of the degrees of freedom, the bound follows
Student's distribution, and one server in a thousand whose times do not grow is taken for one whose times do."""

GROWTH_LEAST_ENDED: Final = 5
"""How many jobs must have ended before their times are compared."""


class Growth(NamedTuple):
    """How long a job of a size takes: some time in any case, and more for each entry."""

    fixed_s: float
    entry_s: float

    def seconds(self, entries: int) -> float:
        """The time of a job of so many entries."""
        return self.fixed_s + self.entry_s * entries


class Length(NamedTuple):
    """How long a job of so many entries took."""

    entries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a status call said of a job: `done` of its entries at `asked_s`; `end_s` if the others take as long each."""

    asked_s: float
    done: int
    end_s: float


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


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Lengths as a distribution: `shares` of all have ended by `ages_s`, evenly between; what is left, nobody knows.

    The unknown rest, and one length more, lie around `middle_s` as a log-logistic distribution of a shape.
    """

    ages_s: tuple[float, ...]
    shares: tuple[float, ...]
    middle_s: float
    shape: float
    doubt: float

    def age_s(self, share: float) -> float:
        """The age by which a share of the known lengths has ended."""
        known = bisect_left(self.shares, share)
        return self.ages_s[min(known, len(self.ages_s) - 1)] if self.ages_s else self.middle_s / 4

    def by(self, age_s: float) -> float:
        """The share of jobs that have ended by an age."""
        doubted = self.doubt / (1.0 + (self.middle_s / age_s) ** self.shape) if age_s > 0 else 0.0
        place = bisect_right(self.ages_s, age_s)
        if place == 0:
            return doubted
        known = self.shares[place - 1]
        if place < len(self.ages_s):
            before_s, after_s = self.ages_s[place - 1], self.ages_s[place]
            known += (self.shares[place] - known) * (age_s - before_s) / (after_s - before_s)
        return (1.0 - self.doubt) * known + doubted

    def by_if_beyond(self, age_s: float, seen_s: float) -> float:
        """The same among the jobs that were still at work at the age of `seen_s`."""
        already = self.by(seen_s)
        return max(0.0, (self.by(age_s) - already) / (1.0 - already)) if already < 1.0 else 1.0


@lru_cache(maxsize=64)
def spread_of(lengths_s: tuple[float, ...], ages_s: tuple[float, ...]) -> Spread:
    """The distribution that the lengths of jobs that ended suggest, and the ages of those that have not.

    The product-limit estimate of Kaplan and Meier (1958): without the jobs still at work, those that happened to be
    short would be taken for all at first. Each length is taken half before and half after itself.
    """
    if not lengths_s:
        return Spread((), (), max(GUESS_S, *ages_s, 0.0), GUESS_SHAPE, 1.0)
    moments = sorted([(length_s, 0) for length_s in lengths_s] + [(age_s, 1) for age_s in ages_s])
    known: list[tuple[float, float]] = []
    left = 1.0
    for place, (age_s, is_at_work) in enumerate(moments):
        if not is_at_work:
            step = left / (len(moments) - place)
            known.append((age_s, 1.0 - left + step / 2))
            left -= step
    known.append((known[-1][0], 1.0 - left))
    ended = 1.0 - left
    middle_s = next((age_s for age_s, share in known if share >= 0.5), BEYOND * moments[-1][0])
    doubt = 1.0 - ended * len(lengths_s) / (len(lengths_s) + 1)
    return Spread(
        tuple(age_s for age_s, _ in known), tuple(share / ended for _, share in known), middle_s, DOUBT_SHAPE, doubt
    )


@lru_cache(maxsize=64)
def growth_of(lengths: tuple[Length, ...]) -> Growth | None:
    """The line through the times of jobs of several sizes, if its slope is beyond doubt: ordinary least squares."""
    count = len(lengths)
    if count < GROWTH_LEAST_ENDED:
        return None
    mean_entries = sum(length.entries for length in lengths) / count
    mean_s = sum(length.seconds for length in lengths) / count
    wide = sum((length.entries - mean_entries) ** 2 for length in lengths)
    if not wide:
        return None
    entry_s = sum((length.entries - mean_entries) * (length.seconds - mean_s) for length in lengths) / wide
    fixed_s = mean_s - entry_s * mean_entries
    missed = sum((length.seconds - fixed_s - entry_s * length.entries) ** 2 for length in lengths)
    doubt_s: float = (missed / (count - 2) / wide) ** 0.5
    if entry_s <= 0 or entry_s < GROWTH_SURE * (1 + GROWTH_FEW / (count - 2) ** 2) * doubt_s:
        return None
    return Growth(max(0.0, fixed_s), entry_s)


@lru_cache(maxsize=64)
def forecast_spread(started_s: float, forecast: Forecast, misses: tuple[float, ...]) -> Spread:
    """The distribution of a job's length that a forecast suggests, by how far earlier ones missed."""
    rest_s = forecast.end_s - forecast.asked_s
    ends = sorted(forecast.end_s + miss * rest_s - started_s for miss in misses)
    count = len(ends)
    shares = tuple((place + 0.5) / count for place in range(count))
    return Spread((*ends, ends[-1]), (*shares, 1.0), ends[count // 2], FORECAST_SHAPE, 1.0 / (count + 1))


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
        growth = self.growth()
        if growth is None or not entries:
            return spread_of(tuple(length.seconds for length in self.lengths), ages_s)
        wanted_s = growth.seconds(entries)
        return spread_of(
            tuple(length.seconds * wanted_s / growth.seconds(length.entries) for length in self.lengths), ()
        )

    def growth(self) -> Growth | None:
        """How the time of a job grows with its size; None where that is not known, or it does not."""
        return growth_of(tuple(self.lengths))

    def is_telling(self) -> bool:
        """Whether status calls foretell when a job ends: they did of late, or have not been tried yet."""
        if len(self.misses) < TESTS_LEAST:
            return True
        known = [miss for miss in self.misses if miss is not None and abs(miss) <= TOLD_WITHIN]
        return len(known) >= TOLD_SHARE * len(self.misses)

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
        end_s = (watched.seen_s + now) / 2
        self.lengths.append(Length(watched.entries, end_s - watched.started_s))
        forecast = watched.forecast
        if forecast is not None and forecast.done:
            rest_s = max(forecast.end_s - forecast.asked_s, 1.0)
            nearest_s = min(max(forecast.end_s, watched.seen_s), now)  # the least miss that the looks allow
            self.misses.append((nearest_s - forecast.end_s) / rest_s)

    def forget(self, job: int) -> None:
        """A job's result is here, or is waited for no longer."""
        self.watched.pop(job, None)
