"""How a person says how a table is to be read: by keys of a survey, or by the options of a command.

Rule: both have the same words, `encoding`, `sheet` and `columns`; a message names the one that its reader can write.
"""

from __future__ import annotations

from typing import Final

from coralrun.spec.model import Reading


class ByOption(Reading, frozen=True, kw_only=True):
    """What the options of a command say; what a survey says is a plain `Reading`."""


AS_USUAL: Final = ByOption()
"""Nothing is said of how a table is to be read."""


def how_to_say(reading: Reading | None, key: str, value: str) -> str:
    """How the reader of a message says it; "" where a table cannot be told of (`reading` is None).

    `key` is `encoding`, `sheet`, or `columns.` and our name of a column.
    """
    if reading is None:
        return ""
    key, _, column = key.partition(".")
    if isinstance(reading, ByOption):
        return f"`--{key} {column}={value}`" if column else f"`--{key} {value}`"
    return f"`{key}: {{{column}: {value}}}`" if column else f"`{key}: {value}`"


def named_by(reading: Reading | None, key: str) -> str:
    """What has named what is not there: the option of this key, or the survey."""
    return f"`--{key}`" if isinstance(reading, ByOption) else "the survey"
