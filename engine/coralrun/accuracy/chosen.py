"""How the points that people labelled were chosen: which of them may stand for the others, and what each weighs.

Rule: what was picked because of what the machine says there (a triage) stands for nothing but itself, and is in no
figure of accuracy. Which points these are is decided by the run's own draws; of points that they do not know, by what
the file says of itself, as where the review of one run judges another. A file that goes beyond what was drawn and
labels every point of an image has not picked that image's uncertain points: there they stay, because a machine that is
judged without its uncertain points looks better than it is.

An audit's points weigh one over the probability with which they were drawn, and its units likewise. Labels without such
probabilities all weigh the same: they are taken for a random part of the run, which nobody but their giver can know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.truth import Why
from coralrun.review.draws import Place
from coralrun.review.matching import Match
from coralrun.review.sets import DrawnPoint, ReviewSet


class Chances(NamedTuple):
    """The probabilities of some labelled points, and of the design unit of each; where an audit is in parts, the
    `part` of its unit that each is in, and which are `lonely`: on the only photo of a part, which stands for others."""

    point: NDArray[np.float64]
    unit: NDArray[np.float64]
    part: NDArray[np.intp] | None = None
    lonely: NDArray[np.bool_] | None = None

    def of(self, which: Sequence[int]) -> Chances:
        """Those of some of the points."""
        part = None if self.part is None else self.part[which]
        lonely = None if self.lonely is None else self.lonely[which]
        return Chances(self.point[which], self.unit[which], part, lonely)


def not_random(pairs: Sequence[Match], sets: Mapping[Place, DrawnPoint], counts: Mapping[int, int]) -> dict[Place, Why]:
    """Those of the rows of one file which people labelled that stand for no others, and why.

    `sets` has what the run's draws make of each point, `counts` how many points each image has.
    """
    labelled = Counter(pair.image for pair in pairs)
    is_of_draws = all(_place(pair) in sets for pair in pairs)
    is_review = any(_said(pair) for pair in pairs)
    found: dict[Place, Why] = {}
    for pair in pairs:
        place, said = _place(pair), _said(pair)
        drawn = sets.get(place)
        if drawn is not None and drawn.set is ReviewSet.AUDIT:
            continue
        is_picked = drawn is not None and (is_of_draws or labelled[pair.image] < counts[pair.image])
        if said == ReviewSet.BY_CLASS or (is_picked and drawn is not None and drawn.set is ReviewSet.BY_CLASS):
            found[place] = Why.BY_CLASS
        elif said == ReviewSet.TRIAGE or is_picked:
            found[place] = Why.TRIAGE
        elif is_review and said != ReviewSet.AUDIT:
            found[place] = Why.NOT_DRAWN
    return found


def chances(pairs: Sequence[Match], sets: Mapping[Place, DrawnPoint]) -> Chances | None:
    """The probabilities of rows that may judge, by the run's draws or else by their file; None where one has none."""
    point, unit = [], []
    for pair in pairs:
        drawn = sets.get(_place(pair))
        own = drawn if drawn is not None and drawn.set is ReviewSet.AUDIT else None
        inclusion = own.inclusion if own is not None else pair.human.inclusion
        if not inclusion:
            return None
        point.append(inclusion)
        unit.append((own.unit_inclusion if own is not None else None) or 1.0)
    return Chances(np.array(point), np.array(unit))


def _place(pair: Match) -> Place:
    return pair.image, pair.point


def _said(pair: Match) -> ReviewSet | None:
    """The set that a file says a row is of; a column `set` may also hold words of somebody's own."""
    said = pair.human.set.strip().casefold()
    return next((kind for kind in ReviewSet if kind == said), None)
