"""People and machine on the same points, by label and by every level of groups.

Rule: both sides go through the same groups and the same fates as cover does: a label that is unusable leaves its side's
denominator, one below the least confidence stays in it without a class. A label that only people gave is put into
groups like any other, and is an error where the groups do not know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.planning.model import Analysis
from coralrun.results import counts
from coralrun.results.groupings import NOWHERE, classes_of
from coralrun.review.labels import Label
from coralrun.values import classified
from coralrun.values.classified import Classification, LabelKey

UNUSABLE = "unusable"
UNASSIGNED = "unassigned"


class Pair(NamedTuple):
    """One point: the image that it is on (its number in the plan), what a person and what the machine said."""

    image: int
    human: Label
    machine: Classification


@dataclass(frozen=True, slots=True)
class Side:
    """What one side said, point by point: the class, or NOWHERE; and whether the point is in the denominator."""

    classes: NDArray[np.int32]
    usable: NDArray[np.bool_]

    def shares(
        self, rows: NDArray[np.intp], weights: NDArray[np.float64], n_classes: int, other: Side | None = None
    ) -> NDArray[np.float64]:
        """The share of each class on some of the points, weighted; NaN where none of them is usable.

        With `other`, that of the points of the class which the other side does not call so.
        """
        rows = rows[self.usable[rows]]
        total = weights[rows].sum()
        if not total:
            return np.full(n_classes, np.nan)
        known = rows[self.classes[rows] != NOWHERE]
        if other is not None:
            known = known[self.classes[known] != other.classes[known]]
        found: NDArray[np.float64] = np.bincount(self.classes[known], weights[known], minlength=n_classes) / total
        return found


@dataclass(frozen=True, slots=True)
class Compared:
    """All points under one grouping (`label`, or a level of the groups)."""

    grouping: str
    names: tuple[str, ...]
    human: Side
    machine: Side

    def part(self, which: NDArray[np.bool_]) -> Compared:
        """Some of the points."""
        sides = (Side(side.classes[which], side.usable[which]) for side in (self.human, self.machine))
        return Compared(self.grouping, self.names, *sides)

    @property
    def seen(self) -> list[int]:
        """The classes that either side gave a point, also one that the other side calls unusable."""
        has = np.zeros(len(self.names), bool)
        for side in (self.human, self.machine):
            has[side.classes[side.usable & (side.classes != NOWHERE)]] = True
        return [int(which) for which in np.flatnonzero(has)]

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Whether both sides say the same, point by point."""
        human, machine = self.words(self.human), self.words(self.machine)
        return np.array([one == other for one, other in zip(human, machine, strict=True)], bool)

    def words(self, side: Side) -> list[str]:
        """What one side said of each point, as a word, for tables of who said what."""
        named = [*self.names, UNASSIGNED]
        return [named[which] if usable else UNUSABLE for which, usable in zip(side.classes, side.usable, strict=True)]


def compare(pairs: Sequence[Pair], analysis: Analysis) -> tuple[Compared, ...]:
    """Put both sides into the classes of every grouping.

    Raises UsageError, with the list, for labels that are in no group.
    """
    humans, machines, labels = _places(pairs)
    everything = np.arange(len(labels), dtype=np.int32)
    seen = counts.LabelCounts(
        labels=labels,
        image=np.zeros_like(everything),
        label=everything,
        points=np.ones_like(everything),
        best=np.ones_like(everything),
        scores=np.ones(len(labels)),
        total=np.zeros(1, np.int32),
        unassigned=np.zeros(1, np.int32),
    )
    classes = classes_of(seen, analysis)
    least = analysis.cover.min_confidence or 0.0
    unsure = np.array([pair.machine.score < least for pair in pairs], bool)
    found = []
    for grouping in classes.groupings:
        human = Side(grouping.of_label[humans], classes.usable[humans])
        said = np.where(unsure, NOWHERE, grouping.of_label[machines]).astype(np.int32)
        machine = Side(said, classes.usable[machines] | unsure)
        found.append(Compared(grouping.name, grouping.names, human, machine))
    return tuple(found)


def _places(
    pairs: Sequence[Pair],
) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[classified.Label, ...]]:
    """The labels that either side gave, by id, and where each point's two labels stand among them.

    A label that only people know has no number: it gets one below zero, which no group file can hold.
    """
    keys: dict[Label, LabelKey] = {}
    known: dict[LabelKey, classified.Label] = {}
    for pair in pairs:
        best = pair.machine
        known.setdefault(best.label_key, best.label)
    for pair in pairs:
        label = pair.human
        if label not in keys:
            number = -1 - len(keys) if label.id is None else label.id
            keys[label] = label.code if label.id is None and label.code in known else number
            known.setdefault(keys[label], classified.Label(number, label.code, label.code))
    labels = tuple(sorted(known.values(), key=lambda label: label.order))
    place = {label.key: index for index, label in enumerate(labels)}
    humans = np.array([place[keys[pair.human]] for pair in pairs], np.intp)
    machines = np.array([place[pair.machine.label_key] for pair in pairs], np.intp)
    return humans, machines, labels
