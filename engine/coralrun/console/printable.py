"""Lines that do nothing to a terminal but show themselves."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """A line that does nothing to a terminal but show itself: not even end, or a name could feign lines of ours."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
