"""How a table is to be read: the options `--encoding`, `--sheet` and `--columns`, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coralrun.errors import UsageError

if TYPE_CHECKING:
    from coralrun.sources.reading import ByOption


def reading_by(encoding: str, sheet: str, columns: Sequence[str] | None) -> ByOption:
    """What the options say; raises UsageError where they say what is not known here."""
    from coralrun.app.survey.label_files import reading_of

    named = {}
    for given in columns or ():
        column, equals, heading = given.partition("=")
        if not equals or not heading:
            raise UsageError(
                f"--columns {given}: no heading", remedy="Write --columns NAME=HEADING, as in label=Taxon."
            )
        named[column.strip().lower()] = heading
    return reading_of(encoding, sheet, named)
