"""Whether an audit reaches enough of the survey that corrected cover may have an interval, and one worth having.

Rule: an interval needs two reviewed units in each stratum, as `accuracy.correction` has it, and is worth having from
`GOOD_UNITS`, or all that there are. A stratum that has only one unit to draw from is not counted: there no audit helps.
Units that lie in several strata stand for all of these. What is offered reaches enough, as good as surely.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil, comb
from typing import Final, NamedTuple

from coralrun.values.phrases import count

LEAST_UNITS = 2
GOOD_UNITS: Final = 5
"""Ours: an interval of so many units is 2.8 standard errors to either side (Student's t), and 12.7 of two."""

AUDIT_NOT_WHOLE: Final = "not reviewed: it is random only as a whole"
"""How a warning of corrected cover ends where points of the audit have no label yet."""

USUAL_SHARE: Final = 5
_SHARES: Final = (USUAL_SHARE, 10, 15, 20, 30, 50)
"""What may be offered, in percent of the images; where none of it is enough, all of them."""
_MOST_CHANCE: Final = 0.01
"""That a draw of what is offered reaches too few units all the same."""


class Reached(NamedTuple):
    """How many units of a stratum an audit has an image of, and how many there are."""

    drawn: int
    there: int


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """What an audit leaves out: in these `strata` ("" is the whole survey) it has fewer units than the `least`. Or
    where `parts` of units are estimated apart, it has no image of so many. With so many `further` images it has enough,
    0 where that is not known."""

    strata: Mapping[str, Reached]
    least: int
    further: int
    parts: int = 0


class _Fresh(NamedTuple):
    """How many units of a stratum have no image yet, and of how many it needs one."""

    units: int
    needed: int


def few_units(units: int) -> str:
    """Why limits are wide that rest on so few units."""
    return f"{count(units, 'unit')} alone: limits are wide with fewer than {GOOD_UNITS}, however little these differ"


def share_that_reaches(units: Collection[int], images: int) -> int:
    """The least share of so many images, in percent, whose audit reaches enough; `units` are those in each stratum."""
    strata = [_Fresh(n, _good(n)) for n in units]
    drawn = ((share, max(1, ceil(share * images / 100))) for share in _SHARES)
    return next((share for share, number in drawn if _chance_to_miss(strata, number) <= _MOST_CHANCE), 100)


def _good(units: int) -> int:
    """Of how many of a stratum's units an audit should have an image."""
    return min(GOOD_UNITS, units) if units >= LEAST_UNITS else 0


def _chance_to_miss(strata: Collection[_Fresh], drawn: int) -> float:
    """At most how likely it is that too few units of a stratum are among those that have one of so many images: each
    has one as soon as there are enough, and before that they are drawn from all strata together."""
    in_all = sum(stratum.units for stratum in strata)
    if drawn >= in_all:
        return 0.0
    ways = comb(in_all, drawn)
    missing = (
        comb(n, some) * comb(in_all - n, drawn - some) for n, needed in strata for some in range(min(needed, drawn + 1))
    )
    return sum(missed / ways for missed in missing)


def out_of_reach(units: Iterable[tuple[int, tuple[str, str]]], audited: Collection[int]) -> OutOfReach | None:
    """What an audit of these images leaves out, None where it reaches enough; `units` has each image that may be drawn
    with its stratum and unit."""
    there, reached = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for image, (stratum, unit) in units:
        there[stratum].add(unit)
        if image in audited:
            reached[stratum].add(unit)
    everywhere, is_joined = set[str]().union(*there.values()), False
    if sum(map(len, there.values())) > len(everywhere):
        is_joined = True
        there = defaultdict(set, {"": everywhere})
        reached = defaultdict(set, {"": set[str]().union(*reached.values())})
    found = {name: Reached(len(reached[name]), len(own)) for name, own in sorted(there.items())}
    fresh = [_Fresh(n - drawn, max(0, _good(n) - drawn)) for drawn, n in found.values()]
    if not any(stratum.needed for stratum in fresh):
        return None
    least = LEAST_UNITS if any(drawn < LEAST_UNITS <= n for drawn, n in found.values()) else GOOD_UNITS
    few = {name: one for name, one in found.items() if one.drawn < min(least, _good(one.there))}
    return OutOfReach(few, least, 0 if is_joined else _number_that_reaches(fresh))


def _number_that_reaches(fresh: Collection[_Fresh]) -> int:
    """How many further images reach enough units."""
    in_all = sum(stratum.units for stratum in fresh)
    return bisect_left(range(in_all), True, key=lambda number: _chance_to_miss(fresh, number) <= _MOST_CHANCE)
