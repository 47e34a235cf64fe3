"""Which columns a table lacks, in words to act on: all of them at once, and how a column of another name is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from coralrun.sources.reading import ByOption, how_to_say
from coralrun.spec.model import Reading

NO_HINTS: Final[Mapping[str, str]] = {}
_OF_AN_ADDRESS: Final = "://"


class OneOf(NamedTuple):
    """Columns of which a table needs one, and what is said where it has none."""

    columns: tuple[str, ...]
    message: str


def lacking(
    header: Sequence[str],
    columns: Collection[str],
    needed: Sequence[str],
    one_of: Sequence[OneOf],
    reading: Reading | None,
    hints: Mapping[str, str],
) -> list[str]:
    """What is to be said of a header in which these `columns` were found; as `read_table` has the others."""
    missing = [column for column in needed if column not in columns]
    messages = []
    if missing and any(_OF_AN_ADDRESS in heading for heading in header):
        messages.append(f"the first line has an address: put the headings above it, among them {', '.join(needed)}")
    elif missing:
        named = " and no column ".join(f"`{column}`" for column in missing)
        hint = "".join(f"; {hints[column]}" for column in missing if column in hints)
        message = f"there is no column {named}: the header needs {', '.join(needed)}; {found(header)}"
        messages.append(f"{message}{another_name(reading, *missing)}{hint}")
    return messages + [each.message for each in one_of if not set(each.columns).intersection(columns)]


def another_name(reading: Reading | None, *columns: str) -> str:
    """What to do where columns go by other names than their usual ones."""
    said = [how_to_say(reading, f"columns.{key_of(column)}", "...") for column in columns]
    if not all(said):
        return ""
    if isinstance(reading, ByOption):
        return f"; a column of another name is named by {' '.join(said)}"
    keys = ", ".join(f"{key_of(column)}: ..." for column in columns)
    return f"; a column of another name is named in the survey: `columns: {{{keys}}}`"


def key_of(column: str) -> str:
    """What one of our columns is called where its heading is named."""
    return column.casefold().replace(" ", "_")


def found(header: Sequence[str]) -> str:
    """What a message says of the header that is there; of an address, which may hold a secret, that it is one."""
    said = ("(an address)" if _OF_AN_ADDRESS in heading else heading or "(no heading)" for heading in header)
    return f"it has {', '.join(said)}"
