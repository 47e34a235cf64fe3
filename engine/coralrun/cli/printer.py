"""The one printer.

Rule: what a command found goes to standard output, what it is doing to standard error. With `--json` standard output
holds one JSON document and nothing else. Names and texts come from photographs, servers and files: control characters
in them are shown, never sent to a terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from coralrun.errors import CoralrunError

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints for people, or one JSON document for programs."""

    as_json: bool = False

    def say(self, text: str = "") -> None:
        """A line for people."""
        if not self.as_json:
            print(printable(text), flush=True)  # noqa: T201 - this is the one printer

    def lines(self, texts: Iterable[str]) -> None:
        """Several lines for people."""
        for text in texts:
            self.say(text)

    def doing(self, text: str) -> None:
        """A line about what is going on."""
        if not self.as_json:
            print(printable(text), file=sys.stderr, flush=True)  # noqa: T201

    def document(self, value: Any) -> None:
        """The one JSON document."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=True, indent=2, default=str), flush=True)  # noqa: T201

    def raw(self, text: str) -> None:
        """Text that a program will read, as it is."""
        print(text, end="", flush=True)  # noqa: T201

    def error(self, error: CoralrunError) -> None:
        """An error and its remedy."""
        if self.as_json:
            problems = getattr(error, "problems", ())
            self.document(
                {
                    "error": type(error).__name__,
                    "exit_code": error.exit_code,
                    "message": error.message,
                    "remedy": error.remedy,
                    "problems": [
                        {"file": each.file, "line": each.line, "column": each.column, "message": each.message}
                        for each in problems
                    ],
                }
            )
            return
        print(printable(f"{error.message}\n-> {error.remedy}"), file=sys.stderr, flush=True)  # noqa: T201


def printable(text: str) -> str:
    """A text that does nothing to a terminal but show itself."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def at_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
