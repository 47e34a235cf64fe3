"""Answers of a service that knows sand alone, for tests in which what it says of a point matters to nobody."""

from __future__ import annotations

from collections.abc import Iterable

from coralrun.classified import Classification, ScoredPoint
from coralrun.plan.model import Point

SAND = Classification(1.0, 1, "SAND", "Sand")


def scored(points: Iterable[Point]) -> tuple[ScoredPoint, ...]:
    """The points with their only score."""
    return tuple(ScoredPoint(row, column, (SAND,)) for row, column in points)
