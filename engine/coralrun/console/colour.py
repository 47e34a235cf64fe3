"""Colours at a terminal: the one place that knows them.

Rule: few, and only what is to be found at a glance. A colour adds nothing that the words do not say, and is one that
can be read on light and on dark: bold, and three of the eight that every terminal has (ECMA-48, SGR), green for single
marks alone. A text is marked by its form, after what is harmful in it was made harmless, so that nobody else need
think of colours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Final, TextIO

BOLD: Final = "1"
HEADING: Final = "1;4"
RED: Final = "31"
GREEN: Final = "32"
MAGENTA: Final = "35"
"""For what is neither well nor broken: yellow and cyan cannot be read on white, nor blue on black."""

_MARKS: Final = {"+": GREEN, "~": MAGENTA, "-": RED, "=": BOLD}
_OF_DIFFERENCE: Final = re.compile(r"(?<=^  )[-+~=](?= \d[\d,]* image)")
_LACKING: Final = re.compile(r"\b[1-9][\d,]* (failed|skipped)\b|^failures    [1-9][\d,]* images?")
_WARNING: Final = re.compile(r"^ *warning:")


def is_coloured(stream: TextIO | None) -> bool:
    """Whether a stream is to have colours: a terminal that knows them, or any if `FORCE_COLOR`; none if `NO_COLOR`."""
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or can_move(stream)


def can_move(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that can more than print one line after the other."""
    return stream is not None and stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def styled(text: str, style: str) -> str:
    """A text in a style."""
    return f"\x1b[{style}m{text}\x1b[0m"


def coloured(lines: Sequence[str]) -> list[str]:
    """A line of ours, as it was folded, with what is to be seen in it: marks of a difference, what is lacking,
    warnings, and a remedy as a whole."""
    if lines[0].startswith("-> "):
        return [styled(line, BOLD) for line in lines]
    return [_marked(line) for line in lines]


def _marked(line: str) -> str:
    for form, style_of in _FORMS:
        line = form.sub(lambda found, style_of=style_of: styled(found[0], style_of(found)), line)  # type: ignore[misc]
    return line


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (_LACKING, lambda found: MAGENTA if found[1] == "skipped" else RED),
    (_OF_DIFFERENCE, lambda found: _MARKS[found[0]]),
    (_WARNING, lambda found: MAGENTA),
)
