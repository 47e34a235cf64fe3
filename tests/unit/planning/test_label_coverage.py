"""What is said, before a run, of label groups that are not for the labels of its classifier."""

from __future__ import annotations

from dataclasses import replace

from coralrun.planning.label_coverage import groups_warnings
from coralrun.spec.groups import Group, LabelGroups
from coralrun.values.classified import Label

LABELS = (Label(1, "Porit", "Porites"), Label(2, "Sand", "Sand"), Label(None, "turf", "Turf"))
GROUPS = LabelGroups(
    name="mine",
    title="Mine",
    date="",
    source="",
    levels=("category",),
    groups=(
        Group(path=("Coral",), labels=(1,)),
        Group(path=("Bare",), labels=(9,)),
        Group(path=("A",), codes=("Turf",)),
    ),
    duplicates=((2, 8), (8, 9)),
)


def test_groups_that_list_every_label_or_what_it_is_a_duplicate_of_need_no_word() -> None:
    assert list(groups_warnings(GROUPS, LABELS)) == []


def test_labels_in_no_group_are_named_with_what_follows() -> None:
    (said,) = groups_warnings(replace(GROUPS, duplicates=()), LABELS)
    assert said == (
        "the label groups `mine` do not say where 1 of the 3 labels of the classifier belong (`Sand`): where one of "
        "these is found, cover is by label alone. Add them to the groups"
    )
    assert list(groups_warnings(replace(GROUPS, duplicates=(), unmapped=("Other",)), LABELS)) == []


def test_groups_that_list_none_of_the_labels_are_for_others() -> None:
    others = replace(GROUPS, groups=(Group(path=("Fish",), labels=(77,)),), duplicates=())
    (said,) = groups_warnings(others, LABELS)
    assert said == (
        "the label groups `mine` list none of the 3 labels of the classifier (`Porit`, `Sand`, `turf`): they are "
        "for other labels, and cover will be by label alone"
    )
    (said,) = groups_warnings(replace(others, unmapped=("Benthos", "Other")), LABELS)
    assert said.endswith("they are for other labels, and all will count as Other")


def test_where_the_labels_are_not_known_nothing_is_said() -> None:
    assert list(groups_warnings(GROUPS, ())) == list(groups_warnings(None, LABELS)) == []
