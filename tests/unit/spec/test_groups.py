"""Label groups: a label is where the file lists it, or where its original is, or it is named as missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coralrun.errors import InvalidInput, UsageError
from coralrun.spec.groups import GroupOf, LabelGroups
from coralrun.spec.groups_file import parse_groups

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "schemas" / "groups.v1.json").read_text(encoding="utf-8"))
LABELS = ROOT.parent / "shared" / "data" / "labels" / "label_set.json"
SHIPPED = sorted((ROOT / "configs" / "groups").glob("*.yaml"))

GOOD = """\
version: 1
name: lab
title: The lab's groups
date: 2026-11-22
source: ours
levels: [category, subcategory]
groups:
  - {group: [Hard coral], live: true, labels: [59, 74]}
  - {group: [Hard coral], live: true, condition: bleached, labels: [119]}
  - {group: [Algae, Turf algae], live: true, labels: [82]}
  - {group: [Not reef], usable: false, labels: [222]}
  - {group: [Other], labels: []}
duplicates:
  - {of: 82, labels: [1561]}
  - {of: 1561, labels: [2099]}
"""


def parsed(text: str) -> LabelGroups:
    return parse_groups("lab.yaml", text.encode(), SCHEMA)


def refused(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        parsed(text)
    return str(caught.value).splitlines()


def test_a_label_is_in_the_group_that_lists_it() -> None:
    find = GroupOf(parsed(GOOD)).find
    assert (find(74, "") or pytest.fail()).path == ("Hard coral",)
    assert (find(119, "") or pytest.fail()).condition == "bleached"
    assert (find(222, "") or pytest.fail()).usable is False


def test_a_duplicate_is_in_the_group_of_its_original_however_many_steps_away() -> None:
    groups = GroupOf(parsed(GOOD))
    assert (groups.find(2099, "") or pytest.fail()).path == ("Algae", "Turf algae")
    assert groups.original(2099) == 82


def test_an_unmapped_label_fails_with_the_list() -> None:
    with pytest.raises(UsageError) as caught:
        GroupOf(parsed(GOOD)).check([(59, "Acropora", "Acropora"), (7, "X", "An unknown"), (8, "Y", "Another")])
    assert caught.value.message == (
        "the groups `lab` do not say where 2 of the labels belong:\n  7  `X`  An unknown\n  8  `Y`  Another"
    )
    assert "unmapped: [Other]" in caught.value.remedy


def test_a_code_that_only_people_gave_has_no_id_to_add_to_the_groups() -> None:
    with pytest.raises(UsageError) as caught:
        GroupOf(parsed(GOOD)).check([(-1, "Porti", "Porti")])
    assert caught.value.message.splitlines()[1:] == ["  `Porti`, which the classifier never gave"]
    assert "correct it in people's file" in caught.value.remedy


def test_an_unmapped_label_goes_where_the_file_says() -> None:
    groups = GroupOf(parsed(GOOD + "unmapped: [Other]\n"))
    groups.check([(7, "X", "An unknown")])
    assert (groups.find(7, "") or pytest.fail()).path == ("Other",)


def test_groups_that_do_not_count_are_no_class_of_a_level() -> None:
    assert parsed(GOOD).paths(1) == (("Hard coral",), ("Algae",), ("Other",))
    assert parsed(GOOD).paths(2) == (("Hard coral",), ("Algae", "Turf algae"), ("Other",))


def test_what_is_wrong_with_a_group_file_is_said_at_its_line() -> None:
    wrong = GOOD.replace("labels: [82]", "labels: [82, 59]").replace("labels: [2099]", "labels: [82]")
    assert refused(wrong) == [
        "lab.yaml:10:59: label 59 stands twice: it is already in Hard coral",
        "lab.yaml:15:25: label 82 would be a duplicate of itself",
    ]
    assert refused(GOOD.replace("live: true", "alive: true", 1)) == [
        "lab.yaml:8:27: unknown key `alive`: did you mean `live`?"
    ]
    assert refused(GOOD.replace("[Algae, Turf algae]", "[Algae, Turf algae, Thin]")) == [
        "lab.yaml:10:13: Algae / Turf algae / Thin names 3 levels, and `levels` has 2"
    ]
    assert refused("") == ["lab.yaml:1:1: the file is empty: a group file begins with `version: 1`"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_groups_that_ship_are_valid_and_name_their_source(path: Path) -> None:
    groups = parse_groups(path.name, path.read_bytes(), SCHEMA)
    assert groups.name == path.stem
    assert "Not mapped" in groups.source


@pytest.mark.skipif(not LABELS.exists(), reason="the label set of CoralNet stands beside the project, and is not here")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_groups_that_ship_name_labels_that_exist_and_follow_their_duplicates(path: Path) -> None:
    known = {label["id"]: label for label in json.loads(LABELS.read_text(encoding="utf-8"))}
    by_name = {label["name"]: label["id"] for label in known.values()}
    groups = parse_groups(path.name, path.read_bytes(), SCHEMA)
    assert {label for group in groups.groups for label in group.labels} <= set(known)
    assert dict(groups.duplicates) == {
        label["id"]: by_name[label["duplicate_of"]] for label in known.values() if label["duplicate_of"] != "None"
    }
