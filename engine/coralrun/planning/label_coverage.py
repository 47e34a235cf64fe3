"""Whether label groups are for the labels that a classifier may give: said before a run, not after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from coralrun.spec.groups import GroupOf, LabelGroups
from coralrun.spec.text import shown
from coralrun.values.classified import Label
from coralrun.values.phrases import count

_SHOWN: Final = 8


def groups_warnings(groups: LabelGroups | None, labels: Sequence[Label]) -> Iterator[str]:
    """What is to be said of the groups of a survey whose classifier may give these labels; nothing where nobody knows
    them."""
    if groups is None or not labels:
        return
    group_of = GroupOf(groups)
    without = [label for label in labels if not group_of.lists(label.id, label.code)]
    named = ", ".join(shown(label.code) for label in without[:_SHOWN])
    named += f" and {len(without) - _SHOWN:,} more" if len(without) > _SHOWN else ""
    if len(without) == len(labels):
        what = f"the label groups `{groups.name}` list none of the {count(len(labels), 'label')} of the classifier"
        then = "cover will be by label alone" if groups.unmapped is None else f"all will count as {groups.unmapped[-1]}"
        yield f"{what} ({named}): they are for other labels, and {then}"
    elif without and groups.unmapped is None:
        what = f"the label groups `{groups.name}` do not say where {len(without):,} of the"
        yield (
            f"{what} {count(len(labels), 'label')} of the classifier belong ({named}): where one of these is found, "
            "cover is by label alone. Add them to the groups"
        )
