"""Points that are seen at a source are compared with those that are wanted, whatever their order."""

from __future__ import annotations

import pytest

from coralrun.values.annotated import AnnotatedPoint, Standing, compare

SAND, ROCK = AnnotatedPoint(1, 2, "Sand", True), AnnotatedPoint(3, 4, "Rock", True)
BARE = AnnotatedPoint(5, 6)
MACHINES = AnnotatedPoint(5, 6, "Coral")


@pytest.mark.parametrize(
    ("wanted", "shown", "standing"),
    [
        ([SAND, BARE], [MACHINES, SAND._replace(code="sand")], Standing.SAME),
        ([SAND, BARE], [SAND], Standing.UNSEEN),
        ([BARE, BARE], [], Standing.UNSEEN),
        ([BARE, BARE], [MACHINES], Standing.OTHER),
        ([SAND, BARE], [SAND._replace(code="Rock"), MACHINES], Standing.OTHER),
        ([SAND, BARE], [SAND, ROCK], Standing.OTHER),
        ([BARE], [MACHINES._replace(is_persons=True)], Standing.OTHER),
        ([SAND], [SAND, MACHINES], Standing.OTHER),
    ],
)
def test_points_are_seen_as_they_are_wanted_or_not_yet_or_otherwise(
    wanted: list[AnnotatedPoint], shown: list[AnnotatedPoint], standing: Standing
) -> None:
    assert compare(wanted, shown) is standing
