"""Numbers as tables write them, and what only looks like one."""

from __future__ import annotations

import pytest

from coralrun.values.numerals import finite, whole


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("007", 7), ("12.", 12), ("12.0", 12), ("1200.000", 1200)])
def test_a_whole_number_may_be_written_as_programs_write_it(text: str, value: int) -> None:
    assert whole(text) == value


@pytest.mark.parametrize("text", ["4.000", "12.000", "999.000", "12.5", "1,200", "-1", "1E3", "1_0", "٣", "", "1" * 10])
def test_a_text_that_some_read_as_another_number_is_no_whole_one(text: str) -> None:
    assert whole(text) is None


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("-0.5", -0.5), ("1e-05", 1e-05), ("03", 3), (".5", 0.5)])
def test_a_number_may_have_a_sign_a_point_and_an_exponent(text: str, value: float) -> None:
    assert finite(text) == value


@pytest.mark.parametrize("text", ["1_5", "2019_1", "\u0663", "\uff15", "inf", "nan", "5 m", "5,5", "0x5", ""])
def test_a_code_and_what_has_no_end_are_no_numbers(text: str) -> None:
    assert finite(text) is None
