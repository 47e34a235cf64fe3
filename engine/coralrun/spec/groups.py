"""Label groups: which label belongs to which group, at several levels, and what is known of it.

Rule: keyed by label id, because codes are local to a source; a table of one lab's own may have codes instead. A label
that the file lists is in the group that lists it; one that it does not list is in the group of the label that it is a
duplicate of, however many steps away; any other is unmapped: it goes where the file says (`unmapped`), and where the
file says nothing it is an error that names it. So no label is ever guessed into a group, and none disappears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coralrun.errors import UsageError
from coralrun.spec.text import shown

_SHOWN_LABELS = 20


def of_project(name: str) -> str:
    """What to do to have the groups of a file that the project has: a survey names files beside itself."""
    return (
        f"Copy configs/groups/{name} of the project beside the survey, say there `cover: {{groups: {name}}}`, and "
        "apply it again."
    )


_WITHOUT_ID = (
    " Of a code that the classifier never gave: correct it in people's file, or give its id there in `label_id`."
)
_GROUPS_BY_ID = (
    " These groups know labels by id, and these labels have none: give the ids in a column `label_id`, or name groups "
    "as a table of codes."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A set of labels, by id or, of a table without ids, by code.

    `path` names it, one name a level, the coarsest first; it may end before the last level. `live` is None where the
    file does not say. `condition` is a word such as `bleached`, "" for none. The points of a label that is not
    `usable` are no part of the reef: they leave the denominator.
    """

    path: tuple[str, ...]
    labels: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    live: bool | None = None
    condition: str = ""
    usable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelGroups:
    """A file of label groups; `date` is "" where it says none.

    `duplicates` are pairs of a label and the one that it is a duplicate of. `unmapped` is the path of the group for
    labels that are not mapped; None: such a label is an error.
    """

    name: str
    title: str
    date: str
    source: str
    levels: tuple[str, ...]
    groups: tuple[Group, ...]
    duplicates: tuple[tuple[int, int], ...] = ()
    unmapped: tuple[str, ...] | None = None

    def paths(self, depth: int) -> tuple[tuple[str, ...], ...]:
        """The groups at a level, in the order of the file; `depth` counts from 1, a shorter path stays as it is."""
        found = dict.fromkeys(group.path[:depth] for group in self.groups if group.usable)
        return tuple(found)


def groups_from(fields: Mapping[str, Any]) -> LabelGroups:
    """The groups that a valid mapping stands for: of a file."""
    return LabelGroups(
        name=fields["name"],
        title=fields["title"],
        date=str(fields["date"]),
        source=fields["source"],
        levels=tuple(fields["levels"]),
        groups=tuple(
            Group(
                path=tuple(group["group"]),
                labels=tuple(group["labels"]),
                codes=tuple(group.get("codes", ())),
                live=group.get("live"),
                condition=group.get("condition", ""),
                usable=group.get("usable", True),
            )
            for group in fields["groups"]
        ),
        duplicates=tuple((label, entry["of"]) for entry in fields.get("duplicates", ()) for label in entry["labels"]),
        unmapped=tuple(fields["unmapped"]) if fields.get("unmapped") else None,
    )


def _is_peoples(label: int | None) -> bool:
    return label is not None and label < 0


class GroupOf:
    """Finds the group of a label."""

    def __init__(self, groups: LabelGroups) -> None:
        self._groups = groups
        self._listed = {label: group for group in groups.groups for label in group.labels}
        self._coded = {code.casefold(): group for group in groups.groups for code in group.codes}
        self._original = dict(groups.duplicates)
        self._elsewhere = next((group for group in groups.groups if group.path == groups.unmapped), None)
        if self._elsewhere is None and groups.unmapped is not None:
            self._elsewhere = Group(path=groups.unmapped)

    def original(self, label: int) -> int:
        """The label that this one is a duplicate of, at the end of the chain; itself if it is none."""
        while label in self._original:
            label = self._original[label]
        return label

    def lists(self, label: int | None, code: str) -> bool:
        """Whether a group names a label, its code, or the label that it is a duplicate of."""
        return code.casefold() in self._coded or (label is not None and self._lister(label) is not None)

    def _lister(self, label: int) -> Group | None:
        while label not in self._listed and label in self._original:
            label = self._original[label]
        return self._listed.get(label)

    def find(self, label: int | None, code: str) -> Group | None:
        """The group of a label; None where it is not mapped and the file names no group for such labels.

        Codes are one whatever their case, as in CoralNet's labelsets.
        """
        if label not in self._listed and code.casefold() in self._coded:
            return self._coded[code.casefold()]
        return (None if label is None else self._lister(label)) or self._elsewhere

    def check(self, labels: Iterable[tuple[int | None, str, str]]) -> None:
        """Raise UsageError with the list of those labels (id, code, name) that are in no group.

        The id is None where the service gives none. One below zero is none either: such a label stands in people's
        files alone, as a code that the classifier never gave.
        """
        missing = [label for label in labels if self.find(label[0], label[1]) is None]
        if missing:
            lines = [
                f"  {shown(code)}, which the classifier never gave"
                if _is_peoples(label)
                else f"  {'' if label is None else f'{label}  '}{shown(code)}  {name}"
                for label, code, name in missing[:_SHOWN_LABELS]
            ]
            if len(missing) > _SHOWN_LABELS:
                lines.append(f"  and {len(missing) - _SHOWN_LABELS} more")
            raise UsageError(
                f"the groups `{self._groups.name}` do not say where {len(missing)} of the labels belong:\n"
                + "\n".join(lines),
                remedy="Add these labels to the group file; one in YAML may name a group for all others: "
                "unmapped: [Other]." + self._about_ids([label for label, _, _ in missing]),
            )

    def _about_ids(self, missing: Iterable[int | None]) -> str:
        """What is to be said where groups by id meet labels without one."""
        labels = list(missing)
        if any(map(_is_peoples, labels)):
            return _WITHOUT_ID
        return _GROUPS_BY_ID if None in labels and not self._coded else ""
