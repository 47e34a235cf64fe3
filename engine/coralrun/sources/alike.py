"""What is said of several files that are read as one: the same of many is said once."""

from __future__ import annotations

from functools import partial

from coralrun.sources.table import Warn
from coralrun.values.phrases import count


class Alike:
    """Takes what is said of each file, and tells it of all of them together."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._files: dict[str, list[str]] = {}

    def of(self, file: str) -> Warn:
        """Takes what is said of a file, which begins with its name."""
        return partial(self._note, file)

    def tell(self) -> None:
        """Tell it, each with the first file that it is said of and the number of the others."""
        for said, (first, *others) in self._files.items():
            more = f" and {count(len(others), 'other file')}" if others else ""
            self._warn(f"{first}{more}: {said}")

    def _note(self, file: str, text: str) -> None:
        self._files.setdefault(text.removeprefix(f"{file}: "), []).append(file)
