"""Points that people labelled, as data: what is read from their files, and what it is compared with.

Rule: a label is told apart by its code, as people write it; its number is known where the classifier gave it somewhere
in the run, or where the file says it. A row without a label is a point that nobody has looked at yet.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledPoint:
    """One row of a person's file. `line` is where it stands; `source`, `point` (from 1) and the rest may be unknown.

    `set` and `inclusion` are what the file says of how the point was chosen.
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

    @property
    def is_labelled(self) -> bool:
        """Whether somebody gave it a label."""
        return bool(self.label_code) or self.label_id is not None
