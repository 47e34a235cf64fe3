"""Points that people labelled, as data: what is read from their files, and what it is compared with.

Rule: a label is told apart by its code, as people write it; its number is known where the classifier gave it somewhere
in the run, or where the file says it. A row without a label is a point that nobody has looked at yet. A label counts as
a person's where its table says so, or else the person who brings the table; never because nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class GivenBy(Enum):
    """Who gave a label, as far as its table says."""

    PERSON = auto()
    MACHINE = auto()
    UNSAID = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledPoint:
    """One row of a person's file. `line` is where it stands; `source`, `point` (from 1) and the rest may be unknown.

    `set` and `inclusion` are what the file says of how the point was chosen; `given_by` is who gave the label, and
    `given_by_column` the heading of the column that says so, "" for none.
    """

    line: int
    name: str
    row: int
    column: int
    label_code: str = ""
    label_id: int | None = None
    source: str = ""
    point: int | None = None
    review_id: str = ""
    set: str = ""
    inclusion: float | None = None
    annotator: str = ""
    date: str = ""
    comment: str = ""
    given_by: GivenBy = GivenBy.UNSAID
    given_by_column: str = ""

    @property
    def is_labelled(self) -> bool:
        """Whether somebody gave it a label."""
        return bool(self.label_code) or self.label_id is not None

    @property
    def is_persons(self) -> bool:
        """Whether a person gave it a label."""
        return self.is_labelled and self.given_by is GivenBy.PERSON

    @property
    def is_machines(self) -> bool:
        """Whether a machine gave it a label."""
        return self.is_labelled and self.given_by is GivenBy.MACHINE

    @property
    def is_unsaid(self) -> bool:
        """Whether it has a label, and nothing says whose."""
        return self.is_labelled and self.given_by is GivenBy.UNSAID
