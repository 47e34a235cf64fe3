"""Where the words of a survey stand, for what shows to be wrong with them only once its files and images are read.

Rule: a word is found by the key that it stands under, whichever list or mapping lies between; one that stands in
several places is found where it stands first. A key is found by its path. A survey that no file holds has no places,
and its problems no lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from coralrun.errors import Problem
from coralrun.spec.load import Node, Place


@dataclass(frozen=True, slots=True)
class Wording:
    """A survey's `file`, as given, and the place of each of its words by (the key that it stands under, the word).

    `keys` has the place of each key by its path, such as `sources[1].filters`; lists count from 1, as people do.
    """

    file: str
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)

    def problem(self, message: str, word: str, *keys: str) -> Problem:
        """A problem of a word under the first of some keys that has it; of the whole file where none has."""
        for key in keys:
            place = self.places.get((key, word))
            if place is not None:
                return Problem(place.file, place.line, place.column, message)
        return Problem(self.file, 0, 0, message)

    def in_base(self, path: str) -> str:
        """Where a key stands, or the nearest above it, as `base.yaml:4`; "" where that is not in a base."""
        while path and path not in self.keys:
            path = path.rpartition("[" if path.endswith("]") else ".")[0]
        place = self.keys.get(path)
        return "" if place is None or place.file == self.file else f"{place.file}:{place.line}"


UNWRITTEN: Final = Wording("")
"""That of a survey of which no words are known."""


def wording_of(file: str, root: Node) -> Wording:
    """The wording of a survey that was read from `file`, its bases merged in."""
    places: dict[tuple[str, str], Place] = {}
    for key, word, place in _words(root, ""):
        places.setdefault((key, word), place)
    return Wording(file, places, dict(_keys(root, "")))


def _words(node: Node, key: str) -> Iterator[tuple[str, str, Place]]:
    """Each text that is a value or a key itself, and the key that it stands under."""
    if isinstance(node.value, dict):
        for name, child in node.value.items():
            yield key, name, node.keys[name]
            yield from _words(child, name)
    elif isinstance(node.value, list):
        for child in node.value:
            yield from _words(child, key)
    elif isinstance(node.value, str):
        yield key, node.value, node.place


def _keys(node: Node, path: str) -> Iterator[tuple[str, Place]]:
    """The path of each key, and its place."""
    if isinstance(node.value, dict):
        for name, child in node.value.items():
            below = f"{path}.{name}" if path else name
            yield below, node.keys[name]
            yield from _keys(child, below)
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value, start=1):
            yield from _keys(child, f"{path}[{number}]")
