"""What "not known" is: one notion, for every place where a value is read.

Rule: what a program writes for a value that is missing is an empty cell: R's `NA`, a spreadsheet's `#N/A` and `N/A`,
pandas' `NaN` and `nan`, JSON's `null`; written exactly so. `None`, `-` and `?` may
be values (no bleaching, no management), and say nothing only where a number, a day or a coordinate is asked for; so do
the marks of databases and statistics programs, and the errors of a spreadsheet's formulas. Labels are no metadata: one
may be called NA.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

UNKNOWN: Final = ("NA", "N/A", "#N/A", "NaN", "nan", "null")
"""What means "not known" in a field of metadata, unless the survey says otherwise (`metadata.unknown`)."""

_MARKS: Final = ("\\N", "NaT", ".", "<NA>")
"""What MySQL and PostgreSQL, pandas, SAS and SPSS, and pandas again write for a value that is missing."""

_ERRORS: Final = ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
"""What a spreadsheet writes into a text for a formula that came to nothing."""

_WORDS: Final = ("unknown", "not known", "missing", "no data", "n.a.", "(blank)")
_NO_NUMBER: Final = frozenset({*UNKNOWN, *_MARKS, *_ERRORS, "None", "-", "?"})
_DOUBTFUL: Final = frozenset(mark.casefold() for mark in (*_NO_NUMBER, *_WORDS))


def known(text: str, unknown: Collection[str] = UNKNOWN) -> str:
    """A value with single blanks between its words and none around it; "" where it is not known."""
    value = " ".join(text.split())
    return "" if value in unknown else value


def known_number(text: str) -> str:
    """The same where a number, a day or a coordinate is read: what cannot be one and says nothing is not known."""
    return known(text, _NO_NUMBER)


def is_doubtful(value: str) -> bool:
    """Whether a value, though it counts as one, is often meant as "not known": `None`, `-`, `?`, `NULL`, `#REF!`.

    A value of `UNKNOWN` itself is not: where it stands in a plan, the survey has said that it is a value.
    """
    return value.casefold() in _DOUBTFUL and value not in UNKNOWN
