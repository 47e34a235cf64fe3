"""Two classifiers on the very same points: how much better one agrees with people, and how far apart their covers are.

Rule: the comparison is paired. Points, photos and sites are the same for both, so what these have in common is in
neither difference: the interval is that of the difference itself between design units, and not two intervals laid side
by side. A difference is that of two shares, what one classifier alone has right (or calls the class) less what the
other alone has, so its limits are made as those of a bias (see `sides`). McNemar's test is not made: it takes points
for independent, which those of one photo are not. Points that do not judge both are counted, and compared nowhere.
Both classifiers go through the groups and the least confidence of the first run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.bias import bias
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Compared, Pair, Side, compare
from coralrun.accuracy.weighed import Laid, Weighed
from coralrun.estimates.placed import Placed
from coralrun.planning.model import Analysis
from coralrun.results.groupings import NOWHERE


class Difference(NamedTuple):
    """Two shares of the survey's points, and the first less the second with its 95 % limits; NaN where not known.

    `people` is what people have of it, NaN for agreement; `why` says why there is no interval.
    """

    name: str
    people: float
    first: float
    second: float
    difference: float
    se: float
    lo: float
    hi: float
    units: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """Two classifiers under one grouping: their agreement with people, and the cover of each class."""

    grouping: str
    points: int
    images: int
    weighting: str
    agreement: Difference
    cover: tuple[Difference, ...]


def beside(
    first: Sequence[Pair], second: Sequence[Pair], chances: Chances | None, where: Placed, analysis: Analysis
) -> tuple[Beside, ...]:
    """Compare two classifiers on the same points, in the same order, by label and by every level of groups.

    Images are those of the first run. Raises UsageError where a label is in no group.
    """
    points = Weighed.of([pair.image for pair in first], chances, where)
    laid = Laid.of(points)
    return tuple(_beside(both, len(first), points, laid) for both in compare([*first, *second], analysis))


def _beside(both: Compared, n: int, points: Weighed, laid: Laid) -> Beside:
    human, first, second = (
        _part(both.human, slice(n)),
        _part(both.machine, slice(n)),
        _part(both.machine, slice(n, None)),
    )
    covers, weighting = bias(Compared(both.grouping, both.names, second, first), both.seen, points)
    of_people, _ = bias(Compared(both.grouping, both.names, human, first), both.seen, points)
    people = {found.name: found.human for found in of_people}
    right = [Compared(both.grouping, both.names, human, side).agrees for side in (first, second)]
    of_first, of_second = (_share(side) for side in right)
    (agreed,), _ = bias(Compared(both.grouping, ("",), of_second, of_first), [0], points)
    shares = laid.estimate(np.stack(right, axis=1)).mean
    return Beside(
        grouping=both.grouping,
        points=n,
        images=len(np.unique(points.images)),
        weighting=weighting,
        agreement=Difference(
            "", np.nan, float(shares[0]), float(shares[1]), agreed.bias, agreed.se, agreed.lo, agreed.hi, agreed.units,
            agreed.why,
        ),
        cover=tuple(
            Difference(
                found.name, people.get(found.name, np.nan), found.machine, found.human, found.bias, found.se, found.lo,
                found.hi, found.units, found.why,
            )
            for found in covers
        ),
    )  # fmt: skip


def _part(side: Side, rows: slice) -> Side:
    return Side(side.classes[rows], side.usable[rows])


def _share(has: NDArray[np.bool_]) -> Side:
    """What a side has or has not, as its one class."""
    return Side(np.where(has, 0, NOWHERE).astype(np.int32), np.ones(len(has), bool))
