"""How a unit's own corrected cover varies between its photos, where the audit of it is in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from coralrun.accuracy.second_stage import Photos, SecondStage

SHARES = {0: [0.1, 0.4, 0.3], 1: [0.2, 0.8]}
"""What people find more than the machine on the reviewed photos of the parts of one unit."""


def stage(shares: Mapping[int, Sequence[float]], used: Sequence[int]) -> SecondStage:
    """That of one unit whose people's cover does not vary, with so many photos `used` in each part."""
    sizes = {part: used[part] / sum(used) / len(found) for part, found in shares.items()}
    mean = sum(sizes[part] * sum(found) for part, found in shares.items())
    each = [(part, sizes[part] * (share - mean)) for part, found in shares.items() for share in found]
    parts = np.array([part for part, _ in each])
    photos = Photos(np.zeros_like(parts), parts, np.array([used]))
    difference = np.array([[residual] for _, residual in each])
    return SecondStage.of({"": 1.0}, photos, np.zeros_like(difference), difference)


def test_each_part_is_a_sample_of_its_own() -> None:
    found = stage(SHARES, (6, 10))
    expected = (6 / 16) ** 2 * np.var(SHARES[0], ddof=1) / 3 * (1 - 3 / 6)
    expected += (10 / 16) ** 2 * np.var(SHARES[1], ddof=1) / 2 * (1 - 2 / 10)
    assert found.within[0, 0] == pytest.approx(expected)
    assert found.reviewed[0] == 4, "with 2 + 1 degrees of freedom"


def test_a_part_that_is_reviewed_as_a_whole_adds_nothing() -> None:
    found = stage(SHARES, (3, 10))
    assert found.within[0, 0] == pytest.approx((10 / 13) ** 2 * np.var(SHARES[1], ddof=1) / 2 * (1 - 2 / 10))
    assert found.reviewed[0] == 2


@pytest.mark.parametrize(("used", "tells"), [((3, 1), 4), ((3, 5), 1)])
def test_a_photo_that_stands_alone_for_others_tells_not_how_they_differ(used: tuple[int, int], tells: int) -> None:
    assert stage({0: SHARES[0], 1: [0.5]}, used).reviewed[0] == tells
