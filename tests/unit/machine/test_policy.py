"""The engine's pauses: short at first, long where nothing helps, and never without end."""

from __future__ import annotations

import pytest

from coralrun.machine.policy import rest_s
from coralrun.machine.volatile import Outage

FIRST_S, MOST_S = 5.0, 600.0


@pytest.mark.parametrize("failures", [1, 2, 7, 8, 9, 30, 1_000_000])
def test_the_pause_after_a_failure_doubles_up_to_ten_minutes(failures: int) -> None:
    expected_s = min(MOST_S, FIRST_S * 2 ** min(failures - 1, 10))
    assert rest_s(failures) == expected_s
    outage = Outage(since_s=0.0, last_s=90.0, failures=failures - 1, retry_at_s=95.0).worse(100.0)
    assert (outage.failures, outage.retry_at_s) == (failures, 100.0 + expected_s)


def test_an_image_that_never_failed_rests_no_shorter_than_after_one_failure() -> None:
    assert rest_s(0) == FIRST_S
