"""Whether an audit reaches enough of the survey that corrected cover may have an interval.

Rule: an interval needs two reviewed units in each stratum, as `accuracy.correction` has it. A stratum that has only one
unit to draw from is not counted: there no audit helps. Units that lie in several strata stand for all of these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """What an audit leaves out: the `strata` with fewer than two of its units ("" where there are none), and how many
    units there are of which it has no image, 0 where as many further images would not reach them."""

    strata: tuple[str, ...]
    units_left: int


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
