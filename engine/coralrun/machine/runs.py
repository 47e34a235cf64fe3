"""Numbers and sizes in their order as runs: a batch's units, and the sizes of one camera's photos, are few runs.

Rule: what is durable is kept as runs, and no record holds more units than a batch can have, so that a damaged one
cannot fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from msgspec import Meta

from coralrun.planning.images import Size

MOST_UNITS_PER_BATCH = 10_000
"""Far more than a batch has."""
MOST_UNITS = 100_000_000
"""Far more than a run has: a byte for each is kept in memory."""

Unit = Annotated[int, Meta(ge=0, description="The number of a unit of work in the run, from 0.")]
Runs = Annotated[
    tuple[tuple[Unit, Unit], ...], Meta(description="Units of work as runs [first, last] with both ends included.")
]
UnitCount = Annotated[int, Meta(ge=1, le=MOST_UNITS)]
SizeRuns = Annotated[
    tuple[tuple[Size, Annotated[int, Meta(ge=1)]], ...],
    Meta(description="Raw sizes of units in their order, as runs [size, how many]; 0 x 0 where none was needed."),
]


def to_ranges(units: Iterable[int]) -> Runs:
    """Numbers in their order as [first, last] runs: (3, 4, 5, 2) is ((3, 5), (2, 2))."""
    ranges: list[tuple[int, int]] = []
    for unit in units:
        if ranges and unit == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], unit)
        else:
            ranges.append((unit, unit))
    return tuple(ranges)


def from_ranges(ranges: Runs) -> tuple[int, ...]:
    """The inverse of `to_ranges`."""
    return tuple(unit for first, last in ranges for unit in range(first, last + 1))


def to_size_runs(sizes: Iterable[Size]) -> SizeRuns:
    """Sizes in their order as runs of (size, how many)."""
    return tuple((size, len(list(run))) for size, run in groupby(sizes))


def from_size_runs(runs: SizeRuns) -> tuple[Size, ...]:
    """The inverse of `to_size_runs`."""
    return tuple(size for size, count in runs for _ in range(count))


def count(units: Runs) -> int:
    """How many units there are in some runs."""
    return sum(last - first + 1 for first, last in units)


def covers(runs: Runs, first: int, end: int) -> bool:
    """Whether ascending runs hold every number from `first` up to `end`, which is left out."""
    return end - first == sum(min(last + 1, end) - max(begins, first) for begins, last in runs if last >= first)


def marked(runs: Runs, units: int) -> bytearray:
    """A byte for each of so many units, 1 for those in the runs."""
    marks = bytearray(units)
    for first, last in runs:
        marks[first : last + 1] = b"\1" * (last + 1 - first)
    return marks


def check_ascends(runs: Runs, below: int) -> None:
    """Refuse (ValueError) runs that do not ascend, or that hold a number from `below` on."""
    after = -1
    for first, last in runs:
        if not after < first <= last < below:
            raise ValueError("runs that do not ascend, or go too far")
        after = last


def check_lengths(lengths: Iterable[int]) -> None:
    """Refuse (ValueError) runs of no unit, or of more in all than a batch can have."""
    counts = tuple(lengths)
    if min(counts, default=1) < 1:
        raise ValueError("a run that ends before it begins")
    if sum(counts) > MOST_UNITS_PER_BATCH:
        raise ValueError("more units than a batch can have")
