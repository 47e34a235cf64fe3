"""Points that people labelled, as data: what is read from their files, and what it is compared with.

Rule: a label is told apart by its code, as people write it; its number is known where the classifier gave it somewhere
in the run, or where the file says it. A row without a label is a point that nobody has looked at yet. A label counts as
a person's where its table says so, or else the person who brings the table; never because nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from coralrun.planning.images import Extent


class GivenBy(Enum):
    """Who gave a label, as far as its table says."""

    PERSON = auto()
    MACHINE = auto()
    UNSAID = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledPoint:
    """One row of a person's file. `line` is where it stands; `source`, `point` (from 1) and the rest may be unknown.

    `file` is set where several were handed in together. Row and column are in the units of `extent`, pixels where it is
    None. Where the file is of one image, `paths` are those that it may have, the best first, and `name` is that one.
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
    file: str = ""
    extent: Extent | None = None
    paths: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands in its file, for a message."""
        return f"{self.file}, line {self.line}" if self.file else f"line {self.line}"

    @property
    def pixel(self) -> tuple[int | None, int | None]:
        """Its row and column where they are in pixels."""
        return (self.row, self.column) if self.extent is None else (None, None)

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
