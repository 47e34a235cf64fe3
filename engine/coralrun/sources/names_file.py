"""A list of image names for `names_from`: plain text, one name a line.

Rule: a line is a name as it stands, commas and quotation marks included; only blanks around it are removed, and lines
with nothing on them are passed over. A table is refused, for its lines would all be names that no image has.
"""

from __future__ import annotations

import re

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.records import refuse_others
from coralrun.sources.table import NAME_HEADINGS
from coralrun.sources.text import decoded

_LINE_END = re.compile(r"\r\n|\n|\r")  # and no other that Unicode knows: those may stand in a name
_CELL_END = re.compile(r"[,;\t]")


def read_names(label: str, data: bytes) -> tuple[str, ...]:
    """The names of a list, each once, in its order; InvalidInput where it is no list in UTF-8."""
    refuse_others(label, data)
    lines = _LINE_END.split(decoded(label, data))
    names = tuple(dict.fromkeys(name for line in lines if (name := line.strip())))
    headings = [cell.strip(' "#') for cell in _CELL_END.split(names[0])] if names else []
    if any(heading.casefold() in NAME_HEADINGS for heading in headings):
        message = f"the line `{names[0][:60]}` is the header of a table: keep the names alone, one a line"
        raise InvalidInput([Problem(label, 1, 0, message)])
    return names
