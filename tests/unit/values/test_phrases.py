"""Numbers as people say them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from coralrun.values import phrases
from coralrun.values.phrases import typed


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.2314, "23"),
        (0.0996, "10"),
        (0.0994, "9.9"),
        (0.034, "3.4"),
        (0.0, "0.0"),
        (0.0004, "<0.1"),
        (1.0, "100"),
        (-0.018, "\N{MINUS SIGN}1.8"),
        (-0.0001, "0.0"),
    ],
)
def test_a_share_has_as_many_digits_as_it_bears(share: float, said: str) -> None:
    assert phrases.number(share) == said


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("site", "sites"),
        ("bay", "bays"),
        ("locality", "localities"),
        ("reach", "reaches"),
        ("usable point", "usable points"),
        ("Site_ID", "Site_ID"),
    ],
)
def test_a_noun_is_declined_where_it_is_a_plain_word(one: str, many: str) -> None:
    assert phrases.count(1, one) == f"1 {one}"
    assert phrases.count(1230, one) == f"1,230 {many}"


def test_a_difference_has_its_sign() -> None:
    assert [phrases.signed(number) for number in (0.018, -0.018, 0.0)] == ["+1.8", "\N{MINUS SIGN}1.8", "0.0"]


def test_names_are_listed_as_a_sentence_does() -> None:
    said = [phrases.share_list(names) for names in (("A",), ("A", "B"), ("A", "B", "C"))]
    assert said == ["A", "A and B", "A, B and C"]


@pytest.mark.parametrize(
    ("word", "typed_as"),
    [
        ("runs/reef", "runs/reef"),
        (Path("mon relevé.yaml"), "'mon relevé.yaml'"),
        ("a'b", "'a'\"'\"'b'"),
        ("$HOME", "'$HOME'"),
    ],
)
def test_a_path_in_a_command_is_quoted_where_a_shell_would_part_it(word: object, typed_as: str) -> None:
    assert typed(word) == typed_as
    assert shlex.split(f"coralrun plan {typed(word)}") == ["coralrun", "plan", str(word)]


@pytest.mark.parametrize(
    ("percent", "said"),
    [(23.44, "23.4"), (100, "100.0"), (0, "0.0"), (4.5e-71, "<0.1"), (0.049, "<0.1"), (0.06, "0.1"), (-3.21, "-3.2")],
)
def test_a_percentage_in_a_table_of_text_has_one_decimal_and_is_not_nothing(percent: float, said: str) -> None:
    assert phrases.figure(percent) == said


@pytest.mark.parametrize(
    ("points", "said"), [(1.84, "+1.8"), (-0.04, "0.0"), (1e-9, "0.0"), (-2.25, "-2.2"), (0, "0.0")]
)
def test_a_difference_in_a_table_of_text_has_a_sign_unless_it_rounds_to_nothing(points: float, said: str) -> None:
    assert phrases.signed_figure(points) == said
