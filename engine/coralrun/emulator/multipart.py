"""A form with files, as a browser sends it (RFC 7578).

Rule: what is not such a form has no fields. A name that is sent in quotes has them, and line ends, percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coralrun.emulator.messages import Request

_BOUNDARY = re.compile('multipart/form-data;.*boundary="?([^";]+)"?', re.IGNORECASE)
_PARAMETER = re.compile('(name|filename)="([^"]*)"')
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; `filename` is None for one that is no file."""

    content: bytes
    filename: str | None = None
    kind: str = ""

    @property
    def text(self) -> str:
        """A field's text."""
        return self.content.decode("utf-8", errors="replace")


def parts_of(request: Request) -> dict[str, Part]:
    """The fields of a form, with files or without; of a repeated one the last counts."""
    match = _BOUNDARY.match(request.header("Content-Type") or "")
    if match is None:
        return {name: Part(value.encode()) for name, value in request.form().items()}
    parts: dict[str, Part] = {}
    for section in (b"\r\n" + request.body).split(b"\r\n--" + match[1].encode())[1:]:
        head, blank, content = section.partition(b"\r\n\r\n")
        if not blank:
            continue
        heading = head.decode("utf-8", errors="replace")
        named = {key: _plain(value) for key, value in _PARAMETER.findall(heading)}
        kind = re.search("content-type: *([^\r\n]+)", heading, re.IGNORECASE)
        parts[named.get("name", "")] = Part(content, named.get("filename"), kind[1] if kind else "")
    return parts


def _plain(text: str) -> str:
    for escaped, sign in _ESCAPED.items():
        text = text.replace(escaped, sign)
    return text
