"""Whatever is expected of the jobs: ruling out many moments at once finds the one that trying each would find."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from coralrun.machine import look

MOST = 60
CURVES = st.lists(
    st.sampled_from([0, 0, 0, 1, 1, 2, 7]), min_size=MOST + look.STEPS + 1, max_size=MOST + look.STEPS + 1
)
"""How many slots more are ready at each step; whole numbers, so that nothing is rounded."""


@given(more=CURVES, costs=st.integers(1, 60), first=st.integers(0, MOST - 1), count=st.integers(1, MOST))
def test_the_first_moment_that_is_due_is_found(more: list[int], costs: int, first: int, count: int) -> None:
    ready = list(accumulate(more))
    end = min(first + count, MOST)

    def is_due(step: int) -> bool:
        return ready[step] > 0 and ready[step] ** 2 >= costs * (ready[step + look.STEPS] - ready[step])

    expected = next((step for step in range(first, end) if is_due(step)), None)
    assert look.first_due(ready.__getitem__, costs, first, end) == expected
