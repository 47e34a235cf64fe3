"""What a person most likely mistyped, where the YAML parser stumbles later: its line, and what to do there.

Rule: the parser is believed that something is wrong, and its text is not: a key without a `:` shows in the next line, a
quote that is not closed where another one opens. A slip is looked for in that line and in the one before that says
something. None of the sentences repeats a value of the file, which could be a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_ODD_BLANK: Final = re.compile("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]")
_DASH: Final = re.compile(r" *([–—−‐‑•·*]) ")
_DASH_ALONE: Final = re.compile(r" *-(?=[A-Za-z\"'{\[])")
_KEY: Final = re.compile(r" *(- +)?[A-Za-z_][\w -]*:( |$)")
_NO_BLANK: Final = re.compile(r" *(- +)?[A-Za-z_]\w*:(?=[^ /])")
_EQUALS: Final = re.compile(r" *(- +)?[A-Za-z_]\w* *=")
_OPENED: Final = re.compile(r"""^(?: *(?:- +)?(?:[\w-]+: +)?|.*[\[,{] *)(?P<quote>["'])(?:(?!(?P=quote)).)*$""")
_COMMENT: Final = re.compile(r"""([^"']*?)(?:^| )#""")
_LINES_BACK: Final = 200
_CHARS: Final = 500
"""Nobody mistypes in longer lines, and what is looked for there would take its time."""
_MAY_LACK_A_COLON: Final = re.compile(r" *(- +)?[A-Za-z_]\w*( |$)")


class Slip(NamedTuple):
    """A slip; line and column count from 1."""

    line: int
    column: int
    message: str


def quote_left_open(lines: Sequence[str], line: int) -> Slip | None:
    """The last quote at or before a line that is opened and not closed in its own line."""
    for number in range(min(line, len(lines)), max(line - _LINES_BACK, 0), -1):
        opened = _OPENED.match(_without_comment(lines[number - 1][:_CHARS]))
        if opened is not None:
            return Slip(number, opened.start("quote") + 1, "the quote that is opened here is not closed in its line")
    return None


def around(lines: Sequence[str], line: int, column: int) -> Slip | None:
    """The slip in a line at which the parser stumbled, or in the one before; None where nothing is seen."""
    if not 0 < line <= len(lines):
        return None
    before = next((n for n in range(line - 1, 0, -1) if _without_comment(lines[n - 1]).strip()), 0)
    for number in (before, line):
        if number and (slip := next(_in_line(lines[number - 1], number), None)):
            return slip
    here = lines[line - 1]
    behind = here[: column - 1].rstrip()
    if behind[-1:] in ("'", '"'):
        return Slip(line, column, f"text stands behind the quote that closes here: {_IN_QUOTES}")
    if behind[-1:] in ("}", "]"):
        return Slip(line, column, f"text goes on behind `{behind[-1]}`: put the whole value in quotes")
    if not before or not _KEY.match(here):
        return None
    above = _without_comment(lines[before - 1])
    if not _KEY.match(above) and _MAY_LACK_A_COLON.match(above):
        return lacks_colon(lines, before)
    if _indentation(here) > _indentation(above) and not above.rstrip().endswith(":"):
        message = f"this is indented more than line {before}, which has a value already"
        return Slip(line, _indentation(here) + 1, message)
    return None


def lacks_colon(lines: Sequence[str], line: int) -> Slip | None:
    """What is wrong with a line that should have a key; None where there is no such line."""
    if not 0 < line <= len(lines):
        return None
    text = lines[line - 1]
    return next(_in_line(text, line), None) or Slip(
        line, _indentation(text) + 1, "a key stands here without its `:`: write `key: value`"
    )


_IN_QUOTES: Final = "put all of the value in one pair of quotes, with none of the same inside"


def _in_line(text: str, line: int) -> Iterator[Slip]:
    """The slips that can be seen in a line by itself."""
    text = _without_comment(text[:_CHARS])
    if odd := _ODD_BLANK.search(text):
        yield Slip(line, odd.start() + 1, f"a special blank (U+{ord(odd[0]):04X}) stands here: write an ordinary one")
    if dash := _DASH.match(text):
        yield Slip(line, dash.start(1) + 1, f"an item of a list begins with `- `, and not with `{dash[1]}`")
    if alone := _DASH_ALONE.match(text):
        yield Slip(line, alone.end(), "a blank must follow the `-` of a list's item")
    if "\uff1a" in text and not _KEY.match(text):
        yield Slip(line, text.index("\uff1a") + 1, "a `:` of another writing stands here: write `: `")
    if not _KEY.match(text):
        if glued := _NO_BLANK.match(text):
            yield Slip(line, glued.end(), "a blank must follow the `:`")
        elif equals := _EQUALS.match(text):
            yield Slip(line, equals.end(), "a key is followed by `: `, and not by `=`")


def _without_comment(text: str) -> str:
    comment = _COMMENT.match(text)
    return text[: comment.end(1)] if comment else text


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
