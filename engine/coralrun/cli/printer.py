"""The one printer.

Rule: what a command found goes to standard output, what it is doing to standard error. With `--json` standard output
holds one JSON document and nothing else. Names and texts come from photographs, servers and files: control characters
in them are shown, never sent to a terminal. A reader who leaves stops no run: what is printed after that is lost, and
nothing else.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

from coralrun.errors import EXIT_INTERRUPTED, CoralrunError, DiskError, Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Printer:
    """Prints for people, or one JSON document for programs."""

    as_json: bool = False
    _documented: bool = False

    def say(self, text: str = "") -> None:
        """A line for people."""
        if not self.as_json:
            _write(sys.stdout, printable(text) + "\n")

    def lines(self, texts: Iterable[str]) -> None:
        """Several lines for people."""
        for text in texts:
            self.say(text)

    def doing(self, text: str) -> None:
        """A line about what is going on."""
        if not self.as_json:
            _write(sys.stderr, printable(text) + "\n")

    def document(self, value: Any) -> None:
        """The one JSON document."""
        if self.as_json:
            self._documented = True
            self.raw(json.dumps(value, ensure_ascii=True, indent=2, default=str) + "\n")

    def raw(self, text: str) -> None:
        """Text that a program will read, as it is; raises DiskError when it cannot be had whole."""
        _write(sys.stdout, text, whole=True)

    def error(self, error: CoralrunError, trace: str = "") -> None:
        """An error and its remedy, and for a defect the way to it."""
        if self.as_json and not self._documented:
            problems: Iterable[Problem] = getattr(error, "problems", ())
            self.document(
                {
                    "error": type(error).__name__,
                    "exit_code": error.exit_code,
                    "message": error.message,
                    "remedy": error.remedy,
                    "problems": [
                        {name: getattr(problem, name) for name in ("file", "line", "column", "message")}
                        for problem in problems
                    ],
                    **({"traceback": trace} if trace else {}),
                }
            )
            return
        lines = f"{trace}{error.message}\n-> {error.remedy}".split("\n")
        _write(sys.stderr, "".join(printable(line) + "\n" for line in lines))

    def interrupted(self, remedy: str) -> None:
        """That the command was interrupted, and what that means."""
        if self.as_json and not self._documented:
            self.document(
                {
                    "error": "Interrupted",
                    "exit_code": EXIT_INTERRUPTED,
                    "message": "Interrupted",
                    "remedy": remedy,
                    "problems": [],
                }
            )
        self.doing(f"Interrupted; {remedy}")


def _write(stream: TextIO | None, text: str, *, whole: bool = False) -> None:
    if stream is None:  # a process started without this stream
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _hush(stream)
        if whole and not isinstance(error, BrokenPipeError):
            raise DiskError(
                f"standard output: {error.strerror or error}", remedy="Send it to another place."
            ) from error


def _hush(stream: TextIO) -> None:
    """Send what is left in a stream nowhere: else the interpreter tries once more at its end, and complains."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def show_what_cannot_be_encoded() -> None:
    """Have characters that a stream's encoding does not know printed as their numbers, instead of failing at them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    """A line that does nothing to a terminal but show itself: not even end, or a name could feign lines of ours."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def at_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
