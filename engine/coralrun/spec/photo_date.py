"""The dates by which CoralNet's search chooses images, as a survey asks for them.

Rule: as in `model`: frozen, and nothing that reads or asks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PhotoDate:
    """A condition on a date: a year, a day, a range with both ends included, or `none`: no date at all. ISO dates."""

    year: int | None = None
    date: str | None = None
    first: str | None = None
    last: str | None = None
    none: bool = False
