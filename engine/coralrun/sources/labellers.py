"""Who gave a label, a person or a machine: what the columns of its table say of it.

Rule: a machine's label is never taken for a person's. The annotator and `Verified` say it outright, and where they
differ the machine's word counts. Where a row says neither, a score of the label itself is a machine's, and so is a
label that is the machine's first suggestion. Where suggestions alone tell and some labels are the machine's, so are all
that stand beside suggestions: what would be left are the points on which somebody disagreed with it, and these say
nothing of the others. A table that coralrun handed out to people is people's, and so is a column of labels whose
heading says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from coralrun.planning.labelled_points import GivenBy, LabelledPoint
from coralrun.values.unknown import is_doubtful, known

ANNOTATOR, VERIFIED, SCORE, SUGGESTION = "Annotator", "Verified", "Score", "Suggestion"

HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    ANNOTATOR: (
        *("annotator", "annotator_name", "annotated_by", "labelled_by", "labeled_by", "label_by"),
        *("analyst", "reviewer", "reviewed_by", "verified_by", "confirmed_by"),
    ),
    VERIFIED: ("verified", "is_verified", "confirmed", "is_confirmed", "annotation status"),
    SCORE: ("score", "confidence", "probability", "likelihood", "conf", "prob", "label_score", "prediction_score"),
    SUGGESTION: (
        *("machine suggestion 1", "machine_label_code", "machine_label", "suggestion", "label_code_1"),
        *("predicted_label", "prediction", "predicted"),
    ),
}
"""The columns that say who gave a label: those of CoralNet's export and API, of the CoralNet-Toolbox, and our own."""

_HANDED_OUT: Final = frozenset({"review_id", "set", "inclusion_probability"})
"""Columns of the tables that coralrun hands out with the label left empty: whoever filled it in is a person."""

_PEOPLES_HEADING: Final = "human"
"""How the heading of people's labels begins in a run's `reviewed.csv`, which has the machine's beside them."""

_MACHINES_NAME: Final = re.compile(
    r"robot|alleviate|bot|machine|computer|algorithm|auto(mat(ed|ic))?|model|coralnet"
    r"|((coralrun|coralnet|machine|deep|image)[ _-])?(classifier|model|learning|annotator|robot)\b.*",
    re.IGNORECASE,
)
"""`robot` and `Alleviate`, whose labels auto-accept confirmed, are CoralNet's; the others are what people write."""

_IMPORTED: Final = "imported"
"""CoralNet's annotator of uploaded labels: whose they were before the upload, people's or a classifier's, is lost."""

_NOBODY: Final = frozenset({_IMPORTED, "unknown"})
_YES: Final = frozenset({"true", "t", "yes", "y", "1", "1.0", "verified", "confirmed"})
_NO: Final = frozenset({"false", "f", "no", "n", "0", "0.0", "unverified", "unconfirmed", "unclassified"})


@dataclass(frozen=True)
class Columns:
    """Where a table says who labelled: the places of the columns that it has, and the heading of its labels."""

    header: Sequence[str]
    places: Mapping[str, int]
    labels: str

    @cached_property
    def of_people(self) -> str:
        """The column that says of all rows that people labelled them, "" for none."""
        if self.labels.lower().startswith(_PEOPLES_HEADING):
            return self.labels
        return "review_id" if {heading.lower() for heading in self.header} >= _HANDED_OUT else ""

    def said(self, cells: Sequence[str], what: str) -> str:
        """The cell of a column, "" where the table has none."""
        return cells[self.places[what]] if what in self.places else ""

    def heading(self, what: str) -> str:
        """The heading of a column, as it was written."""
        return self.header[self.places[what]]


def giver_of(code: str, number: int | None, cells: Sequence[str], columns: Columns) -> tuple[GivenBy, str]:
    """Who gave a row's label, and the heading of the column that says so, "" for none; the label by its code and id."""
    name, mark = _of_name(columns.said(cells, ANNOTATOR)), _of_mark(columns.said(cells, VERIFIED))
    for giver in (GivenBy.MACHINE, GivenBy.PERSON):
        if name is giver:
            return giver, columns.heading(ANNOTATOR)
        if mark is giver:
            return giver, columns.heading(VERIFIED)
    if columns.of_people:
        return GivenBy.PERSON, columns.of_people
    if _is_number(columns.said(cells, SCORE)):
        return GivenBy.MACHINE, columns.heading(SCORE)
    suggested = columns.said(cells, SUGGESTION).lower()
    if suggested and suggested in (code.lower(), str(number)):
        return GivenBy.MACHINE, columns.heading(SUGGESTION)
    return GivenBy.UNSAID, ""


def without_leftovers(rows: Sequence[tuple[LabelledPoint, str]], columns: Columns) -> tuple[LabelledPoint, ...]:
    """The rows of a table, each with its suggestion; where some are the machine's suggestions, all beside one are."""
    heading = columns.heading(SUGGESTION) if SUGGESTION in columns.places else ""
    if not any(row.given_by is GivenBy.MACHINE and row.given_by_column == heading for row, _ in rows):
        return tuple(row for row, _ in rows)
    return tuple(
        replace(row, given_by=GivenBy.MACHINE, given_by_column=heading) if suggested and row.is_unsaid else row
        for row, suggested in rows
    )


def may_be_persons(annotator: str) -> bool:
    """Whether somebody is named who may be a person: who uploaded labels may have them from people."""
    return bool(known(annotator)) and _of_name(annotator) is not GivenBy.MACHINE


@lru_cache(maxsize=1024)
def _of_name(annotator: str) -> GivenBy:
    if not known(annotator) or is_doubtful(annotator) or annotator.lower() in _NOBODY:
        return GivenBy.UNSAID
    is_machine = annotator == "AI" or _MACHINES_NAME.fullmatch(annotator) is not None
    return GivenBy.MACHINE if is_machine else GivenBy.PERSON


def _of_mark(verified: str) -> GivenBy:
    word = verified.lower()
    if word in _YES:
        return GivenBy.PERSON
    return GivenBy.MACHINE if word in _NO else GivenBy.UNSAID


def _is_number(cell: str) -> bool:
    try:
        value = float(cell.removesuffix("%").replace(",", "."))
    except ValueError:
        return False
    return value == value
