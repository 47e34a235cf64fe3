"""Lines that do nothing to a terminal but show themselves, and fit it."""

from __future__ import annotations

import re
import textwrap
from typing import Final

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BEFORE: Final = re.compile(r" *(?:[^ ]+(?: [^ ]+)* {2,}(?=[^ ])|-> )?")
"""What a line begins with: its indentation, and a name, or an arrow, that stands before what is said of it."""
_COMMAND: Final = re.compile(r"`coralrun [^`]*`|\bcoralrun [a-z](?:'[^']*'|[^`;(),'])*?(?=[`;(),]|\. |\.?$)")
"""A command, which people copy, in backticks or up to where the sentence goes on."""
_INTERVAL: Final = re.compile(r"[-+<\d.]+ ?%? +\([-+<\d.]+ to [-+\d.]+\)")
_UNBROKEN: Final = "\0"
"""In place of a blank at which no line ends; `printable` has left none."""
_DEEPEST: Final = 24


def printable(text: str) -> str:
    """A line that does nothing to a terminal but show itself: not even end, or a name could feign lines of ours."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def folded(line: str, columns: int) -> list[str]:
    """A line as lines that a terminal need not break: between words, indented as what is said.

    A figure stays with its interval, and a command whole among other words, on a line of its own where it is longer
    than that. A line that is indented, and has no name before it, goes on two columns deeper.
    """
    if len(line) <= columns:
        return [line]
    joined = line
    for whole in (_COMMAND, _INTERVAL):
        joined = whole.sub(lambda piece: piece[0].replace(" ", _UNBROKEN), joined)
    before, own = _BEFORE.match(line), len(line) - len(line.lstrip(" "))
    named = before.end() if before is not None else own
    has_name = own < named <= min(_DEEPEST, columns // 2)
    deep, head = (named, named) if has_name else (own + 2 * (own > 0), own)
    said = line[own:head].replace(" ", _UNBROKEN) + joined[head:]
    lines = textwrap.wrap(
        said,
        columns,
        initial_indent=" " * own,
        subsequent_indent=" " * deep,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines]
