"""What points are summed up by: labels, and the groups of each level; and which labels leave the denominator.

Rule: three fates are kept apart. The points of an *unusable* label (a shadow, the tape) leave the denominator and are
counted. Those of an *unclear* label stay, as a class of their own, whatever group the file puts it in. *Unassigned*
points (see `counts`) stay in the denominator and are in no class. A label is unusable if the survey says so, by code or
id, or if its group does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.files.segment import Whole
from coralrun.planning.model import Analysis
from coralrun.results.counts import LabelCounts
from coralrun.spec.groups import Group, GroupOf, LabelGroups
from coralrun.values.classified import Label, LabelKey

LABEL: Final = "label"
UNCLEAR: Final = "Unclear"
"""The class of unclear points: also of a group of this name, so that there is one."""
CONDITION: Final = "condition"
LIVE: Final = "live"
NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way of summing points up. `names` are its classes, `label_ids` the id of each where a class is one label.

    `of_label` is the class of each of the counts' labels; NOWHERE: its points leave the denominator, or it has none.
    """

    name: str
    names: tuple[str, ...]
    label_ids: tuple[int | None, ...]
    of_label: Whole


@dataclass(frozen=True, slots=True)
class Classes:
    """All groupings of a run. `usable` and `live` are by label of the counts, `taxon` the label that it duplicates."""

    groupings: tuple[Grouping, ...]
    usable: NDArray[np.bool_]
    unclear: NDArray[np.bool_]
    live: NDArray[np.bool_]
    taxon: tuple[LabelKey, ...]
    notes: tuple[str, ...]


def classes_of(counts: LabelCounts, analysis: Analysis) -> Classes:
    """Work out the groupings of a run; UsageError, with the list, where a label that was found is in no group."""
    unusable, missing = _named(counts.labels, analysis.cover.unusable)
    unclear, missing_too = _named(counts.labels, analysis.cover.unclear)
    groups = analysis.groups
    found: list[Group | None] = [None] * len(counts.labels)
    finder = GroupOf(groups) if groups is not None else None
    if finder is not None:
        seen = np.zeros(len(counts.labels), bool)
        seen[counts.label[counts.points > 0]] = True
        wanted = seen & ~unusable & ~unclear
        finder.check(
            (label.id, label.code, label.name)
            for label, is_wanted in zip(counts.labels, wanted, strict=True)
            if is_wanted
        )
        found = [finder.find(label.id, label.code) for label in counts.labels]
    unusable |= np.array([group is not None and not group.usable for group in found], bool)
    unclear &= ~unusable
    groupings = [_by_label(counts.labels, unusable)]
    if groups is not None:
        named = (label for label, is_out in zip(counts.labels, unusable, strict=True) if is_out)
        words = {*analysis.cover.unusable, *(word for label in named for word in (label.code, str(label.id)))}
        left = tuple(replace(group, usable=group.usable and not _is_out(group, words)) for group in groups.groups)
        groupings += _by_groups(replace(groups, groups=left), found, unusable, unclear)
    return Classes(
        groupings=tuple(groupings),
        usable=~unusable,
        unclear=unclear,
        live=np.array([group is not None and group.live is True for group in found], bool) & ~unusable & ~unclear,
        taxon=tuple(
            label.key if finder is None or label.id is None else finder.original(label.id) for label in counts.labels
        ),
        notes=tuple(f"`{word}` is no label that this run's classifier named" for word in (*missing, *missing_too)),
    )


def _named(labels: Sequence[Label], words: Iterable[str]) -> tuple[NDArray[np.bool_], list[str]]:
    """Which labels are meant by codes or ids, and the words that mean none."""
    mask = np.zeros(len(labels), bool)
    missing = []
    for word in dict.fromkeys(words):
        hits = [place for place, label in enumerate(labels) if word in (label.code, str(label.id))]
        mask[hits] = True
        if not hits:
            missing.append(word)
    return mask, missing


def _is_out(group: Group, unusable: set[str]) -> bool:
    """Whether all labels of a group are unusable, by these codes and ids: then it is no class of the reef."""
    labels = [*map(str, group.labels), *group.codes]
    return bool(labels) and {*labels} <= unusable


def _by_label(labels: Sequence[Label], unusable: NDArray[np.bool_]) -> Grouping:
    kept = [place for place in range(len(labels)) if not unusable[place]]
    of_label = np.full(len(labels), NOWHERE, np.int32)
    of_label[kept] = np.arange(len(kept))
    return Grouping(LABEL, tuple(labels[k].code for k in kept), tuple(labels[k].id for k in kept), of_label)


def _by_groups(
    groups: LabelGroups, found: Sequence[Group | None], unusable: NDArray[np.bool_], unclear: NDArray[np.bool_]
) -> Iterator[Grouping]:
    """A grouping for each level; and by condition and by what is alive, where the file says something of them."""
    for depth, level in enumerate(groups.levels, start=1):
        listed = [" / ".join(path) for path in groups.paths(depth)]
        yield _grouping(level, listed, found, unusable, unclear, partial(_at_level, depth))
    if any(group.condition for group in groups.groups):
        yield _grouping(CONDITION, [], found, unusable, unclear, lambda group: group.condition or "none named")
    if any(group.live is not None for group in groups.groups):
        words = {True: "live", False: "not live", None: "not said"}
        yield _grouping(LIVE, [], found, unusable, unclear, lambda group: words[group.live])


def _at_level(depth: int, group: Group) -> str:
    return " / ".join(group.path[:depth])


def _grouping(
    name: str,
    listed: Iterable[str],
    found: Sequence[Group | None],
    unusable: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    class_of: Callable[[Group], str],
) -> Grouping:
    places = {name: place for place, name in enumerate(dict.fromkeys(listed))}
    of_label = np.full(len(found), NOWHERE, np.int32)
    for label, group in enumerate(found):
        if unusable[label]:
            continue
        word = UNCLEAR if unclear[label] else None if group is None else class_of(group)
        if word is not None:
            of_label[label] = places.setdefault(word, len(places))
    return Grouping(name, tuple(places), (None,) * len(places), of_label)
