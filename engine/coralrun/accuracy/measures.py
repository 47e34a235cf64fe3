"""How far the classifier can be believed, against labels that people gave: bias of cover first, kappa last.

Rule: what a survey reports is cover, so what is asked first is how far the machine's cover is from people's (see
`bias`). How often single points are right comes after: errors in both directions cancel in cover, and a high kappa can
hide a bias.

Recall of a class (producer's accuracy) is the share of people's points that the machine finds; precision (user's
accuracy) the share of the machine's that people confirm. These, the table of who said what and the agreement (overall
accuracy) are of the survey's area (see `rates`), with the points counted beside them. Kappa counts points, each the
same. Points that either side calls unusable are in the table of who said what, and in the cover of the other side.
Kappa: Cohen 1960, Educational and Psychological Measurement 20:37-46.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.agreement import Agreement, agreement
from coralrun.accuracy.bias import Bias, bias
from coralrun.accuracy.by_unit import UnitBias, bias_by_unit
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Compared, Pair, compare
from coralrun.accuracy.rates import Rate, RatePhotos, Rates, rates
from coralrun.accuracy.weighed import Laid, Weighed
from coralrun.estimates.placed import Placed
from coralrun.planning.model import Analysis

FEW_POINTS: Final = 10
"""Below this number of points of a class, that people or machine put into it, what is said of its bias or corrects its
cover is mostly chance. With 10 and more even a plain t interval of the bias held the truth in 91 to 99 of 100 samples,
with fewer in as little as 52."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """Single points of a class: how many people gave it, how many the machine, how many both; and of the survey's area
    the share of people's that the machine found (`recall`), and of the machine's that people confirm (`precision`)."""

    name: str
    human: int
    machine: int
    both: int
    recall: Rate
    precision: Rate

    @property
    def points(self) -> int:
        """How many either side gave it."""
        return self.human + self.machine - self.both


class Visits(NamedTuple):
    """The occasions that cover is told by: their names, which one each image is of, and how many points it has."""

    names: tuple[str, ...]
    of_image: NDArray[np.int64]
    points: NDArray[np.float64]


class Confused(NamedTuple):
    """A cell of the confusion matrix: its points, and its share of the survey's with its 95 % limits."""

    points: int
    share: float
    lo: float
    hi: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Accuracy:
    """Everything under one grouping. `confusion` is by (people's word, the machine's); `by_occasion` has the bias on
    each occasion, where the survey has some; `weighting` says what weighed how, and `why` why recall, precision,
    confusion and agreement have no interval, "" where they may."""

    grouping: str
    points: int
    images: int
    weighting: str
    bias: tuple[Bias, ...]
    by_occasion: tuple[tuple[str, tuple[Bias, ...]], ...]
    by_unit: tuple[UnitBias, ...]
    hits: tuple[Hits, ...]
    confusion: Mapping[tuple[str, str], Confused]
    agreement: Agreement
    why: str
    kappa: float


def accuracy(
    pairs: Sequence[Pair],
    chances: Chances | None,
    where: Placed,
    analysis: Analysis,
    units: Mapping[int, str] | None = None,
    visits: Visits | None = None,
    most: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[Accuracy, ...]:
    """Judge the machine by label and by every level of groups; `chances` are those of the points, where known, `units`
    names the design unit of each image, None where there is none; `visits` are the occasions of a survey that has some;
    `most` is how much of the survey the machine calls each class at the most, by grouping and class, 0 for none.

    Raises UsageError where a person's label is in no group.
    """
    points = Weighed.of([pair.image for pair in pairs], chances, where)
    laid = Laid.of(points)
    most = most or {}
    return tuple(
        _judge(compared, points, laid, units, visits, most.get(compared.grouping))
        for compared in compare(pairs, analysis)
    )


def _judge(
    compared: Compared,
    points: Weighed,
    laid: Laid,
    units: Mapping[int, str] | None,
    visits: Visits | None,
    most: Mapping[str, float] | None,
) -> Accuracy:
    said = list(zip(compared.words(compared.human), compared.words(compared.machine), strict=True))
    counts, seen, agrees = Counter(said), compared.seen, compared.agrees
    found, weighting = bias(compared, seen, points, most)
    return Accuracy(
        grouping=compared.grouping,
        points=len(said),
        images=len(np.unique(points.images)),
        weighting=weighting,
        bias=found,
        by_occasion=() if visits is None else tuple(_by_occasion(compared, points, visits, most)),
        by_unit=() if units is None else tuple(bias_by_unit(compared, seen, agrees, points, units)),
        hits=tuple(_hits(compared, seen, laid)),
        confusion=_confusion(said, counts, laid),
        agreement=agreement(agrees, laid),
        why=laid.why,
        kappa=_kappa(counts),
    )


def _by_occasion(
    compared: Compared, points: Weighed, visits: Visits, most: Mapping[str, float] | None
) -> Iterator[tuple[str, tuple[Bias, ...]]]:
    of_visit = None if most is None else {name: inf if share else 0.0 for name, share in most.items()}
    for place, name in enumerate(visits.names):
        visit = visits.of_image == place
        here = visit[points.images]
        if here.any():
            part = compared.part(here)
            yield name, bias(part, part.seen, points.on(visit, visits.points), of_visit)[0]


def _confusion(
    said: Sequence[tuple[str, str]], counts: Mapping[tuple[str, str], int], laid: Laid
) -> dict[tuple[str, str], Confused]:
    cells = sorted(counts)
    place = {cell: at for at, cell in enumerate(cells)}
    found = laid.estimate(np.arange(len(cells)) == np.array([place[pair] for pair in said])[:, None])
    shares = zip(found.mean.tolist(), found.lo.tolist(), found.hi.tolist(), strict=True)
    return {cell: Confused(counts[cell], *of_cell) for cell, of_cell in zip(cells, shares, strict=True)}


def _hits(compared: Compared, seen: Sequence[int], laid: Laid) -> Iterator[Hits]:
    human, machine = (
        (side.classes[:, None] == np.array(seen, np.int32)) & side.usable[:, None]
        for side in (compared.human, compared.machine)
    )
    both = human & machine
    recall, precision = (_rates(both, side, laid) for side in (human, machine))
    for place, which in enumerate(seen):
        yield Hits(
            name=compared.names[which],
            human=int(human[:, place].sum()),
            machine=int(machine[:, place].sum()),
            both=int(both[:, place].sum()),
            recall=Rate() if recall is None else recall.of(place),
            precision=Rate() if precision is None else precision.of(place),
        )


def _rates(both: NDArray[np.bool_], one: NDArray[np.bool_], laid: Laid) -> Rates | None:
    if laid.areas is None:
        return None
    shares = laid.shares(both), laid.shares(one), laid.squares(one)
    photos = None
    if laid.in_all is not None:
        photos = RatePhotos(laid.residuals(both), laid.residuals(one), laid.drawn)
    return rates(*shares, laid.rows, laid.areas, has_interval=not laid.why, photos=photos)


def _kappa(confusion: Mapping[tuple[str, str], int]) -> float:
    """Cohen's kappa; NaN where chance alone would agree on all. Whole numbers are added up, in whatever order."""
    total = sum(confusion.values())
    human, machine = Counter[str](), Counter[str]()
    for (left, right), n in confusion.items():
        human[left] += n
        machine[right] += n
    same = total * sum(n for (left, right), n in confusion.items() if left == right)
    chance = sum(n * machine[word] for word, n in human.items())
    return (same - chance) / (total**2 - chance) if chance < total**2 else nan
