"""How far the classifier can be believed, against labels that people gave: bias of cover first, kappa last.

Rule: what a survey reports is cover, so what is asked first is how far the machine's cover is from people's (see
`bias`). How often single points are right comes after: errors in both directions cancel in cover, and a high kappa can
hide a bias.

Recall of a class is the share of people's points that the machine finds; precision the share of the machine's that
people confirm. These, the table of who said what and kappa count points, each the same, whatever it weighs in the bias
and in the agreement. Points that either side calls unusable are in the table of who said what, and in the cover of the
other side. Kappa: Cohen 1960, Educational and Psychological Measurement 20:37-46.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.agreement import Agreement, agreement
from coralrun.accuracy.bias import Bias, Weighed, bias
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Compared, Pair, Side, compare
from coralrun.estimates.placed import Placed
from coralrun.planning.model import Analysis

FEW_POINTS: Final = 10
"""Below this number of points of a class, that people or machine put into it, what is said of its bias or corrects its
cover is mostly chance. With 10 and more even a plain t interval of the bias held the truth in 91 to 99 of 100 samples,
with fewer in as little as 52."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """Single points of a class: how many people gave it, how many the machine, how many both."""

    name: str
    human: int
    machine: int
    both: int

    @property
    def points(self) -> int:
        """How many either side gave it."""
        return self.human + self.machine - self.both

    @property
    def recall(self) -> float:
        """The share of people's points that the machine found; NaN where there are none."""
        return self.both / self.human if self.human else nan

    @property
    def precision(self) -> float:
        """The share of the machine's points that people confirm; NaN where there are none."""
        return self.both / self.machine if self.machine else nan


@dataclass(frozen=True, kw_only=True, slots=True)
class Accuracy:
    """Everything under one grouping. `confusion` counts points by (people's word, the machine's); `weighting` says what
    weighed how in the bias."""

    grouping: str
    points: int
    images: int
    weighting: str
    bias: tuple[Bias, ...]
    hits: tuple[Hits, ...]
    confusion: Mapping[tuple[str, str], int]
    agreement: Agreement
    kappa: float


def accuracy(pairs: Sequence[Pair], chances: Chances | None, where: Placed, analysis: Analysis) -> tuple[Accuracy, ...]:
    """Judge the machine by label and by every level of groups; `chances` are those of the points, where known."""
    points = Weighed.of([pair.image for pair in pairs], chances, where)
    return tuple(_judge(compared, points) for compared in compare(pairs, analysis))


def _judge(compared: Compared, points: Weighed) -> Accuracy:
    human, machine = compared.words(compared.human), compared.words(compared.machine)
    confusion: dict[tuple[str, str], int] = {}
    for pair in zip(human, machine, strict=True):
        confusion[pair] = confusion.get(pair, 0) + 1
    same = np.array([mine == its for mine, its in zip(human, machine, strict=True)])
    seen = [which for which, name in enumerate(compared.names) if name in {*human, *machine}]
    found, weighting = bias(compared, seen, points)
    return Accuracy(
        grouping=compared.grouping,
        points=len(human),
        images=len(np.unique(points.images)),
        weighting=weighting,
        bias=found,
        hits=tuple(_hits(compared, which) for which in seen),
        confusion=dict(sorted(confusion.items())),
        agreement=agreement(same, points),
        kappa=_kappa(confusion),
    )


def _hits(compared: Compared, which: int) -> Hits:
    human = _has(compared.human, which)
    machine = _has(compared.machine, which)
    return Hits(
        name=compared.names[which],
        human=int(human.sum()),
        machine=int(machine.sum()),
        both=int((human & machine).sum()),
    )


def _has(side: Side, which: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (side.classes == which) & side.usable
    return found


def _kappa(confusion: Mapping[tuple[str, str], int]) -> float:
    """Cohen's kappa; NaN where chance alone would agree on all."""
    total = sum(confusion.values())
    words = {word for pair in confusion for word in pair}
    human = {word: sum(n for (left, _), n in confusion.items() if left == word) / total for word in words}
    machine = {word: sum(n for (_, right), n in confusion.items() if right == word) / total for word in words}
    same = sum(n for (left, right), n in confusion.items() if left == right) / total
    chance = sum(human[word] * machine[word] for word in words)
    return (same - chance) / (1 - chance) if chance < 1 else nan
