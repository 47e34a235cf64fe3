"""What "not known" is, in a field of metadata and where a number is read."""

from __future__ import annotations

import pytest

from coralrun.values.unknown import UNKNOWN, is_doubtful, known, known_number


@pytest.mark.parametrize("text", ["", " ", "\t\u00a0", *UNKNOWN, " NA ", "nan\u2009"])
def test_what_programs_write_for_a_missing_value_is_not_known(text: str) -> None:
    assert known(text) == ""
    assert known_number(text) == ""


@pytest.mark.parametrize("text", ["None", "-", "?", "\\N", "NaT", ".", "#REF!", "#DIV/0!", "#NAME?"])
def test_some_marks_say_nothing_where_a_number_is_read_and_are_values_elsewhere(text: str) -> None:
    assert known(text) == text
    assert known_number(text) == ""
    assert is_doubtful(text)


@pytest.mark.parametrize("text", ["na", "n/a", "NULL", "Nan", "NONE", "#ref!", "Unknown", "(blank)", "n.a."])
def test_a_mark_in_another_case_or_in_words_is_a_value_and_doubtful(text: str) -> None:
    assert known(text) == text
    assert is_doubtful(text)


@pytest.mark.parametrize("text", ["North", "Nan Shan", "0", "-1", "NAN-1", "Nonesuch", "#1", "N.", "Unknown Reef"])
def test_a_value_that_only_begins_like_a_mark_is_a_value_without_doubt(text: str) -> None:
    assert known(text) == known_number(text) == text
    assert not is_doubtful(text)


def test_another_list_takes_the_place_of_the_usual_one_but_for_what_is_empty() -> None:
    assert [known(text, ("-999",)) for text in ("NA", "-999", " ", "null")] == ["NA", "", "", "null"]
    assert not is_doubtful("NA")


def test_blanks_of_any_kind_are_folded() -> None:
    assert known("  Coral \u00a0 Garden\u2003") == "Coral Garden"
