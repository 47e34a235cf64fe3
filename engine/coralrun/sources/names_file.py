"""A list of image names for `names_from`: plain text, one name a line.

Rule: a line is a name as it stands, commas and quotation marks included; only blanks around it are removed, and lines
with nothing on them are passed over.
"""

from __future__ import annotations

import re

from coralrun.sources.text import decoded

_LINE_END = re.compile(r"\r\n|\n|\r")  # and no other that Unicode knows: those may stand in a name


def read_names(label: str, data: bytes) -> tuple[str, ...]:
    """The names of a list, each once, in its order; InvalidInput where it is not UTF-8 text."""
    lines = _LINE_END.split(decoded(label, data))
    return tuple(dict.fromkeys(name for line in lines if (name := line.strip())))
