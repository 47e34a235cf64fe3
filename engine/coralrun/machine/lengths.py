"""How long jobs took, and how that grows with their size, where it does.

Rule: pure; a length is known only between two looks. Nothing here is needed for safety.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

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
    """How long a job of so many entries took: it ended between the look that saw it last and the one that did not,
    which was at `seen_s`."""

    entries: int
    after_s: float
    by_s: float
    seen_s: float

    @property
    def seconds(self) -> float:
        """The middle of what the looks allow."""
        return (self.after_s + self.by_s) / 2


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
