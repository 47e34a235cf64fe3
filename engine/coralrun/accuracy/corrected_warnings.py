"""What is to be said of corrected cover, row by row in its table, and of all rows for people.

Rule: what holds for some classes alone stands first in a row's warning, so that people are told it once, with their
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from coralrun.accuracy.measures import FEW_POINTS
from coralrun.accuracy.standing import few_words, gone_words
from coralrun.review.reach import AUDIT_NOT_WHOLE
from coralrun.review.reviewed import Reviews
from coralrun.values.phrases import count

LONELY: Final = (
    "a unit, or a part of it that came between two draws, has one reviewed photo, which does not tell how its photos "
    "differ, so units are taken for few of very many: review two of each or more"
)
_UNSEEN: Final = "wide because errors that the audit did not see are counted as possible: reviewing more narrows"


def warning(of_class: int, of_all: Iterable[str], *, is_unseen: bool) -> str:
    """That of a class with so many points in the audit, after which stands what holds `of_all`; `is_unseen` where most
    of its interval is for errors that the audit does not show."""
    return "; ".join([*_of_class(of_class, is_unseen=is_unseen), *of_all])


def _of_class(points: int, *, is_unseen: bool) -> list[str]:
    few = f"{count(points, 'audited point')} of this class, fewer than {FEW_POINTS}: what corrects it is mostly chance"
    return [*([few] if points < FEW_POINTS else []), *([f"the interval is {_UNSEEN} it"] if is_unseen else [])]


def warnings_of(rows: Iterable[Mapping[Any, Any]]) -> list[str]:
    """The warnings of some rows, for people: those of classes, each with their names, then what is said of all."""
    few: list[str] = []
    unseen: list[str] = []
    others: dict[str, None] = {}
    for row in rows:
        points, rest = int(row["points_of_class"]), str(row["warning"])
        visit = visit_of(row)
        of_what = f"{row['group']}{f' on {visit}' if visit else ''}"
        if points < FEW_POINTS:
            few.append(f"{of_what} ({points})")
        for said in _of_class(points, is_unseen=True):
            if rest.startswith(said) and _UNSEEN in said:
                unseen.append(of_what)
            rest = rest.removeprefix(said).removeprefix("; ")
        others[rest] = None
    chance = f"fewer than {FEW_POINTS} audited points of {', '.join(few)}: what corrects these is mostly chance"
    wide = f"the intervals of {', '.join(unseen)} are {_UNSEEN} them"
    return [*([chance] if few else []), *([wide] if unseen else []), *filter(None, others)]


def visit_of(row: Mapping[Any, Any]) -> str:
    """The occasion that a row is of; "" in a survey without any."""
    first = next(iter(row))
    return "" if first == "stratum" else str(row[first])


def of_reviews(reviews: Reviews) -> Sequence[str]:
    """What is to be said of every class."""
    found = []
    if reviews.audit_left:
        points, are = count(reviews.audit_left, "point"), "is" if reviews.audit_left == 1 else "are"
        found.append(f"{points} of the audit {are} {AUDIT_NOT_WHOLE}")
    found += [*few_words(reviews.parts.few), *gone_words(reviews.lost, reviews.triage_gone)]
    if reviews.other_units:
        found.append(f"the audit was drawn from other units ({reviews.other_units}): its probabilities are not theirs")
    return found
