"""However many processes there are, each test is tried once, and each process begins with long ones."""

from __future__ import annotations

import pytest
from tests.order import dealt

PATHS = [
    *["docs/test_sessions.py"] * 9,
    *["e2e/test_a.py"] * 3,
    *["e2e/test_b.py"] * 5,
    *["sim/test_simulator.py"] * 10,
    *["unit/test_c.py"] * 500,
]


@pytest.mark.parametrize("processes", [1, 2, 4, 7, 600])
def test_each_test_is_tried_once(processes: int) -> None:
    assert sorted(dealt(range(len(PATHS)), PATHS, processes)) == list(range(len(PATHS)))


def test_each_process_begins_with_long_tests_and_modules_stay_together() -> None:
    order = [PATHS[test] for test in dealt(range(len(PATHS)), PATHS, 4)]
    for start in (0, 131, 263, 395):
        first, further = order[start : start + 5], order[start + 15]
        assert all("unit" not in path for path in first)
        assert further == "unit/test_c.py"
    assert "e2e/test_b.py, " * 4 in ", ".join(order)
