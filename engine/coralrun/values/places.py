"""What a place of a design is called that is known by several fields.

Rule: the values of all its fields, the widest first; a place of which one is not known has no name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BETWEEN: Final = " / "


def place_of(values: Sequence[str]) -> str:
    """The name of a place, "" where it has none."""
    return "" if "" in values else BETWEEN.join(values)
