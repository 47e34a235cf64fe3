"""How far the classifier can be believed, against labels that people gave: bias of cover first, kappa last.

Rule: what a survey reports is cover, so what is asked first is how far the machine's cover is from people's on the very
same points, between design units, with its interval. How often single points are right comes after: errors in both
directions cancel in cover, and a high kappa can hide a bias. Where there is no design unit, or only one, there is no
interval, and the reason is said.

Bias of a class: machine minus people, in shares, averaged over units; SE = s / sqrt(n), interval by Student's t with
n - 1 degrees of freedom. Recall of a class is the share of people's points that the machine finds; precision the share
of the machine's that people confirm. Points that either side calls unusable are in the table of who said what, and in
the cover of the other side. Kappa: Cohen 1960, Educational and Psychological Measurement 20:37-46.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from coralrun.plan.model import Analysis
from coralrun.results.comparison import Compared, Pair, Side, compare
from coralrun.results.intervals import CONFIDENCE

NO_UNIT = "the survey names no design unit: no interval"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bias:
    """How far the machine's cover of a class is from people's, in shares; NaN, with the reason, where not known."""

    name: str
    human: float
    machine: float
    bias: float
    se: float
    lo: float
    hi: float
    units: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """Single points of a class: how many people gave it, how many the machine, how many both."""

    name: str
    human: int
    machine: int
    both: int

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
    """Everything under one grouping. `confusion` counts points by (people's word, the machine's)."""

    grouping: str
    points: int
    images: int
    bias: tuple[Bias, ...]
    hits: tuple[Hits, ...]
    confusion: Mapping[tuple[str, str], int]
    agreement: float
    kappa: float


def accuracy(pairs: Sequence[Pair], units: Mapping[int, str] | None, analysis: Analysis) -> tuple[Accuracy, ...]:
    """Judge the machine by label and by every level of groups. `units` names the design unit of each image, or None."""
    images = np.array([pair.image for pair in pairs], np.intp)
    named = [str(pair.image) if units is None else units[pair.image] for pair in pairs]
    return tuple(
        _judge(each, images, np.array(named, dtype=object), units is not None) for each in compare(pairs, analysis)
    )


def _judge(each: Compared, images: NDArray[np.intp], units: NDArray[np.object_], has_units: bool) -> Accuracy:
    human, machine = each.words(each.human), each.words(each.machine)
    confusion: dict[tuple[str, str], int] = {}
    for pair in zip(human, machine, strict=True):
        confusion[pair] = confusion.get(pair, 0) + 1
    agreement, kappa = _agreement(confusion)
    seen = [which for which, name in enumerate(each.names) if name in {*human, *machine}]
    return Accuracy(
        grouping=each.grouping,
        points=len(images),
        images=len(np.unique(images)),
        bias=_bias(each, seen, units, has_units),
        hits=tuple(_hits(each, which) for which in seen),
        confusion=dict(sorted(confusion.items())),
        agreement=agreement,
        kappa=kappa,
    )


def _hits(each: Compared, which: int) -> Hits:
    human = _has(each.human, which)
    machine = _has(each.machine, which)
    return Hits(
        name=each.names[which], human=int(human.sum()), machine=int(machine.sum()), both=int((human & machine).sum())
    )


def _has(side: Side, which: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (side.classes == which) & side.usable
    return found


def _bias(each: Compared, seen: Sequence[int], units: NDArray[np.object_], has_units: bool) -> tuple[Bias, ...]:
    ones = np.ones(len(units))
    rows = [np.flatnonzero(units == unit) for unit in sorted(set(units))]
    both = [tuple(side.shares(row, ones, len(each.names)) for side in (each.human, each.machine)) for row in rows]
    usable = [pair for pair in both if not (np.isnan(pair[0]).any() or np.isnan(pair[1]).any())]
    if not usable:
        return ()
    human, machine = (np.array([pair[side] for pair in usable]) for side in (0, 1))
    n = len(usable)
    why = NO_UNIT if not has_units else "" if n > 1 else "n = 1: no interval"
    return tuple(_bias_of(each.names[which], human[:, which], machine[:, which], n, why) for which in seen)


def _bias_of(name: str, human: NDArray[np.float64], machine: NDArray[np.float64], n: int, why: str) -> Bias:
    from scipy.special import stdtrit

    difference = machine - human
    bias, se, half = float(difference.mean()), nan, nan
    if not why:
        se = float(difference.std(ddof=1) / np.sqrt(n))
        half = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * se
        if se == 0:
            se, half, why = nan, nan, f"the same in all {n} units: no interval"
    return Bias(
        name=name,
        human=float(human.mean()),
        machine=float(machine.mean()),
        bias=bias,
        se=se,
        lo=bias - half,
        hi=bias + half,
        units=n,
        why=why,
    )


def _agreement(confusion: Mapping[tuple[str, str], int]) -> tuple[float, float]:
    """The share of points on which both say the same, and Cohen's kappa; NaN where chance alone would agree on all."""
    total = sum(confusion.values())
    words = {word for pair in confusion for word in pair}
    human = {word: sum(n for (left, _), n in confusion.items() if left == word) / total for word in words}
    machine = {word: sum(n for (_, right), n in confusion.items() if right == word) / total for word in words}
    same = sum(n for (left, right), n in confusion.items() if left == right) / total
    chance = sum(human[word] * machine[word] for word in words)
    return same, (same - chance) / (1 - chance) if chance < 1 else nan
