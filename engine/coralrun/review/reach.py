"""Whether an audit reaches enough of the survey that corrected cover may have an interval.

Rule: an interval needs two reviewed units in each stratum, as `accuracy.correction` has it. A stratum that has only one
unit to draw from is not counted: there no audit helps. Units that lie in several strata stand for all of these. What is
offered to somebody who has not drawn yet reaches enough, as good as surely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil, comb
from typing import Final

LEAST_UNITS = 2

USUAL_SHARE: Final = 5
_SHARES: Final = (USUAL_SHARE, 10, 15, 20, 30, 50)
"""What may be offered, in percent of the images; where none of it is enough, all of them."""
_MOST_CHANCE: Final = 0.01
"""That a draw of what is offered reaches too few units all the same."""


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """What an audit leaves out: the `strata` with fewer than two of its units ("" where there are none), and how many
    units there are of which it has no image, 0 where as many further images would not reach them."""

    strata: tuple[str, ...]
    units_left: int


def share_that_reaches(units: Collection[int], images: int) -> int:
    """The least share of so many images, in percent, whose audit reaches enough; `units` are those in each stratum."""
    drawn = ((share, max(1, ceil(share * images / 100))) for share in _SHARES)
    return next((share for share, number in drawn if _chance_to_miss(units, number) <= _MOST_CHANCE), 100)


def _chance_to_miss(units: Collection[int], drawn: int) -> float:
    """At most how likely it is that too few units of a stratum are among those that have one of so many images: each
    has one as soon as there are enough, and before that they are drawn from all strata together."""
    in_all = sum(units)
    if drawn >= in_all:
        return 0.0
    ways = comb(in_all, drawn)
    missing = (comb(in_all - n, drawn) + n * comb(in_all - n, drawn - 1) for n in units if n >= LEAST_UNITS)
    return sum(missed / ways for missed in missing)


def out_of_reach(parts: Mapping[int, tuple[str, str]], audited: Collection[int]) -> OutOfReach | None:
    """What an audit of these images leaves out, None where it reaches enough; `parts` has the stratum and the unit of
    each image that may be drawn."""
    there, reached = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for image, (stratum, unit) in parts.items():
        there[stratum].add(unit)
        if image in audited:
            reached[stratum].add(unit)
    everywhere = set[str]().union(*there.values())
    if sum(map(len, there.values())) > len(everywhere):
        there = defaultdict(set, {"": everywhere})
        reached = defaultdict(set, {"": set[str]().union(*reached.values())})
    few = [name for name, units in there.items() if len(reached[name]) < LEAST_UNITS <= len(units)]
    left = sum(len(units - reached[name]) for name, units in there.items())
    return OutOfReach(tuple(sorted(few)), left) if few else None
