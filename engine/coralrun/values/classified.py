"""What a classifier says of points: the records that every service's answer becomes, and that all results are read as.

Rule: nothing here is any one service's. A label has an id only where its service gives it one; its code is what people
know it by. Points are (row, column), from 0; scores are probabilities, best first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

LabelKey = int | str
"""What tells a label from all others: its id, or its code where the service numbers no labels."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a classifier."""

    id: int | None
    code: str
    name: str

    @property
    def key(self) -> LabelKey:
        """What tells it from all others."""
        return self.code if self.id is None else self.id

    @property
    def order(self) -> tuple[bool, int, str]:
        """Where it stands among others: by id, and by code behind them where there is none."""
        return self.id is None, self.id or 0, self.code


class Classification(NamedTuple):
    """One of a point's scores; `label_id` is None where the service numbers no labels."""

    score: float
    label_id: int | None
    label_code: str
    label_name: str

    @property
    def label(self) -> Label:
        """The label that it is of."""
        return Label(self.label_id, self.label_code, self.label_name)

    @property
    def label_key(self) -> LabelKey:
        """What tells its label from all others."""
        return self.label_code if self.label_id is None else self.label_id


class ScoredPoint(NamedTuple):
    """One point with its classifications, best first."""

    row: int
    column: int
    classifications: tuple[Classification, ...]


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry of a stored result: the number of the unit of work that it is of, its mark, and its points.

    Where `reason`, the engine's word for it, says why the entry failed, there are no points.
    """

    unit: int
    mark: str
    points: tuple[ScoredPoint, ...]
    reason: str | None = None
