"""The text of a file that a person brings, in the encoding that it is written in.

Rule: nothing is guessed. Text is UTF-8, or what a person says it is; a byte that does not fit stops with its line,
and with the encoding that the file looks to be in, because that is what a person cannot see.
"""

from __future__ import annotations

import unicodedata

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.reading import ByOption, how_to_say, named_by
from coralrun.spec.model import Reading
from coralrun.values.conflict import LEFT, conflict_line

ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252", "mac-roman": "mac_roman"}
"""What a survey may call an encoding, and what Python calls it. R on Windows writes the third, old Macs the fourth."""

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT_BYTES = 1_000_000


def decoded(label: str, data: bytes, reading: Reading | None = None) -> str:
    """The text of the file `label`, with or without a BOM; `reading` is None where nobody can say an encoding and the
    file is UTF-8.

    Raises InvalidInput with the line of the first byte that is not in it, or of a conflict that git left.
    """
    encoding = "utf-8" if reading is None else reading.encoding
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = 1 + _line_ends(data[: error.start].decode("latin-1"))
        raise _refusal(label, line, _complaint(data, reading)) from error
    if "\0" in text:
        line = 1 + _line_ends(text[: text.index("\0")])
        raise _refusal(label, line, "there is a NUL character: save the file as CSV in UTF-8")
    if line := conflict_line(text):
        raise _refusal(label, line, LEFT)
    return text


def _complaint(data: bytes, reading: Reading | None) -> str:
    if reading is not None and reading.encoding != "utf-8":
        return (
            f"this is not {reading.encoding} text, which {named_by(reading, 'encoding')} says it is: correct `encoding`"
        )
    likely = looks_like(data)
    say = "" if likely is None else f"; it looks like {likely}"
    if likely is not None and reading is not None:
        beside = "" if isinstance(reading, ByOption) else " beside the table's path in the survey"
        say += f", which {how_to_say(reading, 'encoding', likely)}{beside} reads"
    return f"this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`){say}"


def looks_like(data: bytes) -> str | None:
    """The encoding, of those that a survey can name, in which bytes that are not UTF-8 read most like words."""
    if data.startswith(_UTF_16_MARKS):
        return "utf-16"
    sample = data[:_LOOKED_AT_BYTES]
    scores = {name: _letters(sample, ENCODINGS[name]) for name in ("windows-1252", "mac-roman")}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else None


def _letters(data: bytes, codec: str) -> int:
    """How many more letters that fit their word than others the bytes above ASCII stand for.

    The wrong encoding gives signs, and capitals inside a word: `récif` in one is `rÈcif` in the other.
    """
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return -1
    return sum(_fits(text[at - 1 : at], one, text[at + 1 : at + 2]) for at, one in enumerate(text) if not one.isascii())


def _fits(before: str, character: str, after: str) -> int:
    kind = unicodedata.category(character)
    inside = before.isalpha() and (before.islower() or after.islower())
    return 1 if kind == "Ll" or (kind == "Lu" and not inside) else -1


def _line_ends(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def _refusal(label: str, line: int, message: str) -> InvalidInput:
    return InvalidInput([Problem(label, line, 0, message)])
