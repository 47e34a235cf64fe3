"""Which photos are drawn for a look at the points."""

from __future__ import annotations

import pytest

from coralrun.app.laying import spread


@pytest.mark.parametrize(
    ("count", "wanted", "chosen"),
    [(10, 1, [0]), (10, 2, [0, 9]), (10, 4, [0, 3, 6, 9]), (3, 3, [0, 1, 2]), (3, 9, [0, 1, 2])],
)
def test_the_photos_drawn_stand_at_equal_distances_from_the_first_to_the_last(
    count: int, wanted: int, chosen: list[int]
) -> None:
    assert spread(count, wanted) == chosen
