"""Cells that no spreadsheet runs, and that give back what they were made of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.files.spreadsheet import plain_cell, safe_cell

FORMULAS = st.text(alphabet=st.sampled_from("=+-@'; \t\r\n\u00a0\ufeff\uff1d0.5aE"), max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\rx", "\nx", " =1", "\u00a0@a", "\ufeff=1", "'=1", "''=1"),
        *("\uff1d1", "\uff0b1+1", "\uff0d1", "\uff20A", "-", "-1.jpg", "+33 6 12", "1;=1", "x; -y", "-5;=1"),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_quoted_and_comes_back(text: str) -> None:
    cell = safe_cell(text)
    assert cell != text
    for part in cell.split(";"):
        assert part.lstrip()[:1] not in tuple("=@\uff1d\uff0b\uff0d\uff20")
        assert part[:1] not in tuple("\t\r\n")
    assert plain_cell(cell) == text


@pytest.mark.parametrize(
    "text", ["-5", "-12.345678", "+1.5e-3", "-0,5", "-.5", "", "a", "a=b", "a - b", "it's", "'", "'tis", "5;-5", "1-2"]
)
def test_numbers_and_all_other_texts_stay_as_they_are(text: str) -> None:
    assert (safe_cell(text), plain_cell(text)) == (text, text)


@given(FORMULAS | st.text(max_size=20))
@settings(max_examples=1000, deadline=None, derandomize=True, database=None)
def test_every_text_comes_back_from_its_cell(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text
