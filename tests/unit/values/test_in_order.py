"""The order in which people expect values."""

from __future__ import annotations

import pytest

from coralrun.values.in_order import natural


@pytest.mark.parametrize(
    "ordered",
    [
        ["1", "2", "10"],
        ["-5", "2.25", "2.5", "10"],
        ["site1", "site2", "site10", "site10b"],
        ["", "7", "a", "b"],
        ["7", "Reef"],
        ["2024-02-01", "2024-10-01"],
        ["01", "1"],
        ["x" + "1" * 5000, "y"],
    ],
)
def test_numbers_stand_by_what_they_are_and_not_by_their_digits(ordered: list[str]) -> None:
    assert sorted(set(ordered), key=natural) == ordered
