"""The bytes of a survey as text: UTF-8, within bounds, without control characters.

Rule: whatever is wrong with the bytes is said with its line and column, before any YAML is read. Columns count
characters from 1.
"""

from __future__ import annotations

import re

from coralrun import limits
from coralrun.errors import InvalidInput, Problem

_BREAK = re.compile(r"\r\n|\r|\n")
# Tab, line feed and carriage return are text; U+FEFF is allowed at the very beginning alone, where it is cut off.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SHOWN_CHARS = 60
_URL_CREDENTIALS = re.compile(r"://[^/\s]*@")


SURVEY = "survey"
GROUP_FILE = "group file"
TOO_LONG = {
    SURVEY: "Long lists of images belong in a file of their own: see `names_from` and `manifest`",
    GROUP_FILE: "Is it one? The project's folder configs/groups has some",
}
"""What to do about a file that is too long to be one of a kind."""


def check_size(file: str, n_bytes: int, kind: str = SURVEY) -> None:
    """Refuse a file that is too large to be of its kind; `InvalidInput` if it is, so that it need not be read."""
    if n_bytes > limits.MAX_SURVEY_BYTES:
        most = f"a {kind} has at most {limits.MAX_SURVEY_BYTES:,}"
        message = f"the file has {n_bytes:,} bytes; {most}. {TOO_LONG[kind]}"
        raise InvalidInput([Problem(file, 0, 0, message)])


def decode(file: str, data: bytes, kind: str = SURVEY) -> str:
    """A file's bytes as text, without a byte order mark; `InvalidInput` names the first byte that is no text."""
    check_size(file, len(data), kind)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With "utf-8-sig" the codec counts from behind the byte order mark: `error.object` is what it counted in.
        before = bytes(error.object[: error.start]).decode("utf-8", errors="replace")
        message = f"the byte 0x{error.object[error.start]:02x} is not UTF-8 text: save the file as UTF-8"
        raise InvalidInput([_problem(file, before, message)]) from None
    control = _CONTROL.search(text)
    if control:
        message = f"the control character U+{ord(control.group()):04X} is not text: delete it"
        raise InvalidInput([_problem(file, text[: control.start()], message)])
    return text


def has_control(text: str) -> bool:
    """Whether a value holds what `decode` refuses; escapes in a quoted value can bring it in."""
    return _CONTROL.search(text) is not None


def shown(value: object) -> str:
    """A value of the user's as a message shows it: in backticks, short, on one line, and never with a password."""
    text = str(value)
    if _URL_CREDENTIALS.search(text):
        return "`(an address with credentials)`"
    if len(text) > _SHOWN_CHARS:
        text = text[:_SHOWN_CHARS] + "..."
    return "`" + "".join(char if char.isprintable() else " " for char in text) + "`"


def _problem(file: str, before: str, message: str) -> Problem:
    """A problem behind the text `before`."""
    lines = _BREAK.split(before)
    return Problem(file, len(lines), len(lines[-1]) + 1, message)
