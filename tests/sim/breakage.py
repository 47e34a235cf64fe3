"""What a deliberate breakage is: a rule taken away, and how the simulator says so.

Rule: one breakage, one rule. `sabotage` and `local_sabotage` name them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

Broken = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One breakage, the seed that finds it, and what is then said."""

    name: str
    broken: Broken
    seed: int
    says: str
