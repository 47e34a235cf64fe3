"""What the lengths of jobs tell of those to come: how they spread, how they grow with size, what a forecast is worth.

Rule: pure; a length is known only between two looks. Nothing here is needed for safety.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

GUESS_S: Final = 240.0
"""A job's usual length before one was seen: the middle of the 2 to 6 minutes of an idle CoralNet (protocol 5)."""

GUESS_SHAPE: Final = 2.0
"""How sure the guess is: half of the lengths lie between 0.58 and 1.73 times the guess."""

DOUBT_SHAPE: Final = 4.0
"""The same for what no length seen so far has shown: one more length, near their middle."""

FORECAST_SHAPE: Final = 16.0
"""The same for what no forecast so far has shown."""

BEYOND: Final = 1.25
"""Where the middle is taken to be while less than half of the jobs have ended: beyond the oldest by a quarter."""

ALIKE_LEAST: Final = 3
"""How many jobs must have ended before they may be taken to last equally long."""

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
    """How long a job of so many entries took: it ended between the look that saw it last and the one that did not."""

    entries: int
    after_s: float
    by_s: float

    @property
    def seconds(self) -> float:
        """The middle of what the looks allow."""
        return (self.after_s + self.by_s) / 2

    def times(self, factor: float) -> Length:
        """The same of a job that takes so many times as long."""
        return self._replace(after_s=self.after_s * factor, by_s=self.by_s * factor)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a status call said of a job: `done` of its entries at `asked_s`; `end_s` if the others take as long each."""

    asked_s: float
    done: int
    end_s: float


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
def spread_of(lengths: tuple[Length, ...], ages_s: tuple[float, ...]) -> Spread:
    """The distribution that the lengths of jobs that ended suggest, and the ages of those that have not.

    Where one length would do for all of them, it lies where all looks allow it: each look at another moment narrows
    that. Elsewhere it is the product-limit estimate of Kaplan and Meier (1958): without the jobs still at work, those
    that happened to be short would be taken for all at first. Each length is taken half before and half after itself.
    """
    if not lengths:
        return Spread((), (), max(GUESS_S, *ages_s, 0.0), GUESS_SHAPE, 1.0)
    after_s, by_s = max(length.after_s for length in lengths), min(length.by_s for length in lengths)
    after_s = max((after_s, *ages_s))
    if len(lengths) >= ALIKE_LEAST and after_s <= by_s:
        return Spread((after_s, by_s), (0.0, 1.0), (after_s + by_s) / 2, DOUBT_SHAPE, 1.0 / (len(lengths) + 1))
    return _product_limit(tuple(length.seconds for length in lengths), ages_s)


def _product_limit(lengths_s: tuple[float, ...], ages_s: tuple[float, ...]) -> Spread:
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
