"""`points: N` for a design with cells: exactly N, as near to a square as can be.

Rule: rows <= columns and rows x columns = N, never another number; a strip longer than `MAX_RATIO`:1 is refused and
the nearest N that works is named instead.
"""

from __future__ import annotations

from math import isqrt
from typing import Final

MAX_RATIO: Final = 3  # columns to rows, as design.md section 4 has it


def cells_for(points: int) -> tuple[int, int] | None:
    """(rows, columns) for so many points, None if only a longer strip would do."""
    for rows in range(isqrt(points), 0, -1):
        if points % rows == 0:
            columns = points // rows
            return (rows, columns) if columns <= MAX_RATIO * rows else None
    return None


def nearest_that_work(points: int, most: int | None = None) -> list[int]:
    """The numbers nearest to this one that work: one, or two that are as near; at most `most`."""
    for distance in range(1, points):
        found = [
            number
            for number in (points - distance, points + distance)
            if 1 <= number <= (most or number) and cells_for(number)
        ]
        if found:
            return found
    return []
