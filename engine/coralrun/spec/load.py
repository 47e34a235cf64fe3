"""YAML text -> plain values, each with the place where it stands.

Rule: what is read is a small, plain part of YAML 1.2, and everything else is refused with its line and column. Only
`true` and `false` are booleans, whole numbers are decimal, dates and `NO` are text; keys are text and stand once; no
tags, no merge keys, one document. Time and memory are bounded: aliases are counted as what they expand to, so that a
few lines cannot become billions of values, and nesting ends long before the stack does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from coralrun.errors import InvalidInput, Problem
from coralrun.spec.text import SURVEY, TOO_LONG, decode, has_control, shown
from coralrun.spec.yaml_errors import ESCAPED, explain

MAX_VALUES: Final = 10_000  # ours: a long survey has some hundred
MAX_DEPTH: Final = 50  # ours: the deepest survey has 6

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?=.*[.eE])(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,2})?")
_ESCAPED_BLANK = re.compile(r"""(?<!\\)(?:\\\\)*\\[tr]|^"[A-Za-z]:\\[a-z]""")
"""What a path of Windows in double quotes turns into: `"C:\temp"` holds a tab, and no message would show it."""
_IN_TYPOGRAPHIC_QUOTES = re.compile("[“”„«»‟].*[“”«»‟]|[‘‚].*[’‘]", re.DOTALL)
_NULLS = ("", "~", "null", "Null", "NULL")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place; of a mapping, also the place of each key."""

    place: Place
    value: Scalar | list[Node] | dict[str, Node]
    keys: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read, and the problems that did not keep it from being read."""

    root: Node
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor stands for; `height` counts its levels."""

    node: Node
    values: int
    height: int


def load(file: str, data: bytes, kind: str = SURVEY) -> Document:
    """One file's mapping; `InvalidInput` if it cannot be read at all. `kind` is what messages call such a file."""
    composer = _Composer(file, decode(file, data, kind), kind)
    return composer.document()


def plain(node: Node) -> object:
    """A node's value without its places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def scalar(text: str) -> Scalar:
    """What an unquoted word means."""
    if text in _NULLS:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


class _Composer:
    """Reads one file's events into nodes; recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, file: str, text: str, kind: str) -> None:
        self._file = file
        self._kind = kind
        self._text = text
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self._last = Place(file, 1, 1)
        self._problems: list[Problem] = []
        self._anchors: dict[str, _Anchored] = {}
        self._values = 0

    def document(self) -> Document:
        """The file's one document."""
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise self._refused(self._last, f"the file is empty: a {self._kind} begins with `version: 1`")
        root, _ = self._node(self._next(), 1)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._refused(
                self._last, f"a second document begins here: a {self._kind} is one document, without `---`"
            )
        if root.value is None:
            raise self._refused(root.place, f"the file is empty: a {self._kind} begins with `version: 1`")
        if not isinstance(root.value, dict):
            kind = "a list" if isinstance(root.value, list) else "a single value"
            raise self._refused(
                root.place, f"the file holds {kind}: a {self._kind} is a mapping, `key: value` on each line"
            )
        return Document(root, tuple(self._problems))

    def _next(self) -> yaml.Event:
        """The next event; what the parser cannot read becomes a problem in plain words."""
        try:
            event = next(self._events)
        except yaml.MarkedYAMLError as error:
            sentence, line, column = explain(error, self._text)
            raise self._refused(Place(self._file, line, column) if line else self._last, sentence) from None
        except (yaml.YAMLError, ValueError, OverflowError, IndexError):
            # The parser turns numbers in escapes and directives into characters and integers without checking them.
            raise self._refused(
                self._last, "this is not YAML that can be read: look at the line and the next"
            ) from None
        self._last = self._place(event.start_mark)
        return event

    def _place(self, mark: Any) -> Place:
        """The parser's mark (of one of two unrelated classes) as a place; without one, the last place known."""
        return self._last if mark is None else Place(self._file, mark.line + 1, mark.column + 1)

    def _node(self, event: yaml.Event, depth: int) -> tuple[Node, int]:
        """The node that begins with this event, and its height in levels."""
        place = self._last
        self._count(1, place)
        if depth > MAX_DEPTH:
            raise self._refused(place, f"values are nested more than {MAX_DEPTH} deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth, place)
        if getattr(event, "tag", None) is not None:
            self._problem(
                place, f"tags (words that begin with `!`) have no place in a {self._kind}; put text in quotes"
            )
        before = self._values
        if isinstance(event, yaml.MappingStartEvent):
            node, height = self._mapping(place, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node, height = self._sequence(place, depth)
        else:
            assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the parser's grammar leaves nothing else
            node, height = Node(place, self._scalar(event, place)), 1
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, self._values - before + 1, height)
        return node, height

    def _alias(self, event: yaml.AliasEvent, depth: int, place: Place) -> tuple[Node, int]:
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            raise self._refused(place, 'a value that begins with `*` must be in quotes, such as "*_out10m_*"')
        self._count(anchored.values, place)
        if depth + anchored.height > MAX_DEPTH:
            raise self._refused(place, f"values are nested more than {MAX_DEPTH} deep")
        return anchored.node, anchored.height

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        text = str(event.value)
        if event.style == '"' and _ESCAPED_BLANK.search(self._as_written(event)):
            self._problem(place, ESCAPED)
            return ""
        if event.style is None and _IN_TYPOGRAPHIC_QUOTES.fullmatch(text):
            self._problem(place, 'these are the quotes of a text, and not of YAML: write " in their place')
            return ""
        if has_control(text):
            self._problem(place, "the value holds a control character, written as an escape: take it out")
            return ""
        return scalar(text) if event.style is None else text

    def _as_written(self, event: yaml.ScalarEvent) -> str:
        start, end = event.start_mark, event.end_mark
        return "" if start is None or end is None else self._text[start.index : end.index]

    def _sequence(self, place: Place, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        height = 0
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            node, below = self._node(event, depth + 1)
            items.append(node)
            height = max(height, below)
        return Node(place, items), height + 1

    def _mapping(self, place: Place, depth: int) -> tuple[Node, int]:
        values: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        height = 0
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            is_plain = isinstance(event, yaml.ScalarEvent) and event.style is None
            key_place = self._last
            key, _ = self._node(event, depth + 1)
            value, below = self._node(self._next(), depth + 1)
            height = max(height, below)
            if self._is_key(key, key_place, keys, is_plain):
                keys[str(key.value)] = key_place
                values[str(key.value)] = value
        return Node(place, values, keys), height + 1

    def _is_key(self, key: Node, place: Place, keys: dict[str, Place], is_plain: bool) -> bool:
        """Whether a mapping takes this key; if not, a problem says why."""
        if isinstance(key.value, (list, dict)):
            self._problem(place, "a key must be a word; braces or brackets here are a value without its key")
        elif not isinstance(key.value, str):
            kind = {type(None): "nothing", bool: "true or false"}.get(type(key.value), "a number")
            self._problem(place, f"a key must be a word, not {kind}")
        elif key.value == "<<" and is_plain:
            self._problem(place, "`<<` (a merge key) has no place in a survey: use `extends: base.yaml`")
        elif key.value in keys:
            self._problem(
                place, f"the key {shown(key.value)} stands twice: it is already in line {keys[key.value].line}"
            )
        else:
            return True
        return False

    def _count(self, values: int, place: Place) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            most = f"the {self._kind} holds more than {MAX_VALUES:,} values (repetitions by `*` counted)"
            raise self._refused(place, f"{most}. {TOO_LONG[self._kind]}")

    def _problem(self, place: Place, message: str) -> None:
        self._problems.append(Problem(place.file, place.line, place.column, message))

    def _refused(self, place: Place, message: str) -> InvalidInput:
        """The error that ends the reading, with the problems met before."""
        self._problem(place, message)
        return InvalidInput(self._problems)
