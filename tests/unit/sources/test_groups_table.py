"""Label groups as a table: labels by id or code, a column a level, and what is wrong in it."""

from __future__ import annotations

import pytest
from tests.unit.sources.workbooks import sheets

from coralrun.errors import InvalidInput, UsageError
from coralrun.sources.groups_table import read_groups
from coralrun.spec.groups import Group, GroupOf

BY_ID = "Name,Short Code,Functional Group,Label ID\nSand,Sand,Bare,12\nMud,Mud,Bare,13\nAnemone,CNCA,Other,54\n"


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_groups("lab.csv", text.encode())
    return str(refused.value)


def test_labels_go_by_their_ids_where_a_table_has_them() -> None:
    groups = read_groups("lists/My Lab.csv", BY_ID.encode())
    assert (groups.name, groups.title, groups.levels) == ("my-lab", "the table My Lab.csv", ("functional_group",))
    assert groups.groups == (Group(path=("Bare",), labels=(12, 13)), Group(path=("Other",), labels=(54,)))
    assert GroupOf(groups).find(54, "SOMETHING") == groups.groups[1]


def test_labels_go_by_their_codes_in_any_case_where_there_is_no_id() -> None:
    text = b"label code;Category;Genus;Comment\nPor;Hard coral;Porites;massive\nCCA;Algae;;\n"
    said: list[str] = []
    groups = read_groups("lab.csv", text, said.append)
    assert groups.groups == (
        Group(path=("Hard coral", "Porites"), codes=("Por",)),
        Group(path=("Algae",), codes=("CCA",)),
    )
    assert said == ["lab.csv: labels are grouped by `Category`, `Genus`, and not by `Comment`"]
    found = GroupOf(groups)
    assert (found.find(7, "POR"), found.find(-1, "cca"), found.find(8, "Sand")) == (*groups.groups, None)
    with pytest.raises(UsageError) as refused:
        found.check([(8, "Sand", "Sand"), (7, "Por", "Porites")])
    assert refused.value.message == "the groups `lab` do not say where 1 of the labels belong:\n  8  `Sand`  Sand"


def test_columns_that_no_rule_knows_are_levels_and_remarks_are_not() -> None:
    data = sheets(a=[["ID CoralNet", "Grupo", "Forma", "Notes"], [7, "Coral duro", "masiva", "x"]])
    said: list[str] = []
    groups = read_groups("lab.xlsx", data, said.append)
    assert (groups.levels, groups.groups) == (
        ("grupo", "forma"),
        (Group(path=("Coral duro", "masiva"), labels=(7,)),),
    )
    assert said == ["lab.xlsx: labels are grouped by `Grupo`, `Forma`, and not by `Notes`"]


def test_every_problem_of_a_table_is_named_with_its_line() -> None:
    text = (
        "Code,Label ID,Group,Subgroup\nA,7,Coral,\nB,seven,Coral,\n,,Coral,\na,7,Algae,\nC,,,Turf\nD,NA,Algae,\nd,,X,\n"
    )
    assert refusal(text).splitlines() == [
        "lab.csv:3: the label id `seven` is not a whole number from 1",
        "lab.csv:4: there is no label: it needs an id or a short code",
        "lab.csv:5: the label `7` is already on line 2: each label stands once",
        "lab.csv:6: the group is not known: `Group` is empty",
        "lab.csv:8: the label `d` is already on line 7: each label stands once",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Name,Kind\nSand,Bare\n",
            "lab.csv:1: there is no column of labels: name it `Label ID` (the best) or `Short Code`; it has Name, Kind",
        ),
        (
            "Code,Comments\nSand,x\n",
            "lab.csv:1: there is no column of groups: each further column is a level, such as `Functional Group`; "
            "it has Code, Comments",
        ),
        (
            "Code,A,B,C,D,E\nSand,1,2,3,4,5\n",
            "lab.csv:1: 5 columns are levels (`A`, `B`, `C`, `D`, `E`), and there may be 4: delete the others",
        ),
        ("Code,Group\n", "lab.csv: the table has no labels"),
        ("", "lab.csv: the file is empty: it needs a header"),
        ("Code,Genus 1,genus_1\nSand,a,b\n", "lab.csv:1: two levels are called alike: genus_1, genus_1"),
    ],
)
def test_a_table_that_holds_no_groups_says_what_is_missing(text: str, said: str) -> None:
    assert refusal(text) == said
