"""Which values of a field are nearly the same."""

from __future__ import annotations

import string
from itertools import product

import pytest

from coralrun.planning.near_values import MOST_VALUES, nearly_the_same, numbers_with_a_unit


def groups(*values: str) -> list[list[str]]:
    return [[value for value, _ in group] for group in nearly_the_same(dict.fromkeys(values, 1))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ROCKY SHORE", "Rocky shore"),
        ("A1", "a1"),
        ("\u00cele", "I\u0302le"),
        ("Reef\u200b A", "Reef A"),
        ("MaHRE", "MarHE"),
        ("Porites", "Poritas"),
        ("Porites", "Porite"),
        ("Tiahura 2", "Tiahhura 2"),
        ("Norht", "north"),
        ("P\u00e9rez", "Perez"),
        ("Saint-Gilles", "Saint-Giles"),
        ("\u041c\u043e\u0440\u0435\u0430", "\u041c\u043e\u0440\u0456\u0430"),
    ],
)
def test_values_are_near_that_differ_in_case_form_or_one_slip(one: str, other: str) -> None:
    assert groups(one, "Elsewhere", other) == [sorted([one, other])]


@pytest.mark.parametrize(
    "values",
    [
        ("site1", "site2", "site10"),
        ("Reef A", "Reef B"),
        ("ReefA", "ReefB"),
        ("Transect1a", "Transect1b"),
        ("sitea", "siteb", "sitec"),
        ("2024-06-01", "2024-06-02"),
        ("17.5", "17.55"),
        ("East", "West"),
        ("flat", "slat"),
        ("Site II", "Site III"),
        ("North", "South"),
        ("Coral Garden", "Coral Gradens"),
        ("abcdef", "bcdefa"),
        ("Inner reef", "Inner slope"),
        ("Saint Paul", "Saint-Paul"),
        ("x" * 41, "x" * 42),
    ],
)
def test_digits_single_letters_short_words_series_and_two_slips_are_told_apart(values: tuple[str, ...]) -> None:
    assert groups(*values) == []


def test_a_group_holds_all_near_values_the_most_frequent_first() -> None:
    counts = {"": 9, "Norht": 2, "North": 40, "NORTH": 12, "Nort": 2, "South": 7, "south": 60, "Lagoon": 5}
    assert nearly_the_same(counts) == (
        (("south", 60), ("South", 7)),
        (("North", 40), ("NORTH", 12), ("Norht", 2), ("Nort", 2)),
    )


def test_a_number_is_near_the_same_number_with_its_unit() -> None:
    counts = {"5": 3, "5 m": 2, "5M": 1, "10": 4, "10.0 m": 1, "7": 1, "8 m": 1, "3 ft": 1, "3 m": 1, "": 9}
    assert numbers_with_a_unit(counts) == ((("10", 4), ("10.0 m", 1)), (("5", 3), ("5 m", 2), ("5M", 1)))
    assert numbers_with_a_unit({"2a": 1, "2": 1, "1m": 1, "1 ft": 1, "1": 1}) == (), "names of sites, or two units"


def test_many_values_are_compared_without_comparing_every_two() -> None:
    words = ["".join(letters) * 2 for letters in product(string.ascii_lowercase[:12], repeat=4)][: MOST_VALUES - 1]
    counts = dict.fromkeys([f"{word} reef {at}" for at, word in enumerate(words)], 1)
    assert nearly_the_same({**counts, f"{words[5].upper()} reef 5": 1}) == (
        ((f"{words[5].upper()} reef 5", 1), (f"{words[5]} reef 5", 1)),
    )


def test_a_field_of_too_many_values_is_no_list_of_places() -> None:
    assert nearly_the_same({**{f"{at}": 1 for at in range(MOST_VALUES)}, "North": 1, "NORTH": 1}) == ()
