"""Whose the labels of a file are, where its table does not say: people's if the person who brings it says so.

Rule: nothing is taken for a person's because nothing is said. Where the table says nothing at all the file is refused,
unless the person who brings it says that people labelled, by the option or when asked; where it says it of some rows,
the others are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coralrun.errors import UsageError
from coralrun.planning.labelled_points import GivenBy, LabelledPoint
from coralrun.values.phrases import typed

PEOPLE: Final = "people"
OPTION: Final = f"--labelled-by {PEOPLE}"


@dataclass(frozen=True, slots=True)
class Word:
    """What the person who brings a file says of it: `labelled_by` is `people` or nothing; `ask` puts a question.

    Raises UsageError for any other word.
    """

    labelled_by: str = ""
    ask: Callable[[str], bool] | None = None

    def __post_init__(self) -> None:
        if self.labelled_by not in ("", PEOPLE):
            raise UsageError(
                f"--labelled-by {typed(self.labelled_by)}: not known here",
                remedy=f"Say {OPTION} of a table that people labelled; a machine's labels are no truth.",
            )


NOTHING_SAID: Final = Word()


@dataclass(frozen=True, slots=True)
class Labels:
    """The rows of a file, those taken on somebody's word as people's; `taken` counts these, `asked` says whose word."""

    rows: tuple[LabelledPoint, ...]
    taken: int = 0
    asked: bool = False

    @property
    def said(self) -> str:
        """What the output says of it, "" where the table itself says who labelled."""
        if not self.taken:
            return ""
        word = "was answered here" if self.asked else f"{OPTION} says"
        return f"no column says who gave {self.taken:,} of the labels; taken as people's, as {word}"


def labels_of(path: Path, rows: Sequence[LabelledPoint], word: Word) -> Labels:
    """The labels of a file as they are to be taken; raises UsageError where nobody says that people gave any."""
    unsaid = sum(row.is_unsaid for row in rows)
    if not unsaid:
        return Labels(tuple(rows))
    asked = not word.labelled_by and word.ask is not None
    if word.labelled_by or (
        word.ask is not None
        and word.ask(f"{path}: no column says who gave {unsaid:,} of its labels. Did people give them?")
    ):
        return Labels(as_peoples(rows), unsaid, asked)
    if any(row.is_persons for row in rows):
        return Labels(tuple(rows))
    raise UsageError(
        f"{path}: no column says who gave {unsaid:,} of its labels, people or a machine",
        remedy=f"If people gave them, say so: {OPTION}. Where some are a machine's, "
        "give the table a column `Annotator`: a machine's labels are no truth.",
    )


def as_peoples(rows: Sequence[LabelledPoint]) -> tuple[LabelledPoint, ...]:
    """The rows, those of which nothing says who labelled as people's."""
    return tuple(replace(row, given_by=GivenBy.PERSON) if row.is_unsaid else row for row in rows)
