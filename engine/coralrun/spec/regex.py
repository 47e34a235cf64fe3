"""Regular expressions of users: what they are written in, and how they are searched for.

Rule: a search takes a time in proportion to the text, whatever the pattern is (RE2): with Python's own `re` a pattern
from somebody else could keep a computer busy for years. So there is no look-around and no back reference; a pattern
that has one is refused by that name. Texts that are no UTF-8 are searched all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_NOT_LINEAR: Final = (
    (re.compile(r"\(\?[=!]"), "a look-ahead"),
    (re.compile(r"\(\?<[=!]"), "a look-behind"),
    (re.compile(r"\\[1-9]|\(\?P="), "a back reference"),
    (re.compile(r"\(\?>"), "an atomic group"),
    (re.compile(r"\(\?\("), "a condition"),
)
"""What RE2 refuses of Python's syntax because of time, as its message quotes it."""


class BadPattern(ValueError):
    """Why a text is no regular expression, in words for its author."""


def searcher(pattern: str) -> Callable[[str], bool]:
    """A test whether a pattern is found in a text; raises BadPattern."""
    import re2  # of a survey in a thousand, and it takes 20 ms

    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(_bytes(pattern), options).search
    except re2.error as error:
        raise BadPattern(_why(pattern, error)) from error
    return lambda text: search(_bytes(text)) is not None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")


def _why(pattern: str, error: Exception) -> str:
    said = error.args[0].decode("utf-8", errors="replace") if error.args else "it cannot be read"
    quoted = said.partition(": ")[2]
    for form, name in _NOT_LINEAR:
        found = form.search(pattern)
        if found and quoted and found[0].startswith(quoted):
            return (
                f"it has {name}, `{found[0]}`, which cannot be searched for in a time in proportion to the name; "
                "write it otherwise, with `include` and `exclude` together"
            )
    return said
