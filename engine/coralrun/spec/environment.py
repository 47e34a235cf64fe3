"""`${NAME}`: a variable of the environment, in the paths of a survey and nowhere else.

Rule: the schema says where a variable may stand (`environment`): in the path of a file or folder, which differs from
one computer to the next. A variable that looks like a secret is refused by its name, whatever stands in it, and no
message shows the value of any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from coralrun.errors import Problem
from coralrun.spec.credentials import looks_like_a_credential
from coralrun.spec.load import Node

Path = tuple[str, ...]
"""Where a value stands; "*" is any item of a list."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SECRET_WORDS: Final = frozenset({"KEY", "PASS", "AUTH", "PWD"})
_OURS: Final = "CORALNET_"


def allowed_in(schema: Mapping[str, Any], path: Path = ()) -> frozenset[Path]:
    """The places in which the schema allows a variable."""
    places = {path} if schema.get("environment") else set()
    for key, part in schema.get("properties", {}).items():
        places |= allowed_in(part, (*path, key))
    if "properties" in schema.get("items", {}):
        places |= allowed_in(schema["items"], (*path, "*"))
    return frozenset(places)


def expanded(
    node: Node, allowed: frozenset[Path], environment: Mapping[str, str], problems: list[Problem], path: Path = ()
) -> Node:
    """The node with the value of each variable in its place; what is wrong is added to `problems`."""
    if isinstance(node.value, dict):
        values = {
            key: expanded(child, allowed, environment, problems, (*path, key)) for key, child in node.value.items()
        }
        return Node(node.place, values, node.keys)
    if isinstance(node.value, list):
        return Node(node.place, [expanded(child, allowed, environment, problems, (*path, "*")) for child in node.value])
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    inside = path in allowed or (path[:-1] in allowed and path[-1] == "*")
    wrong = list(_wrong(node.value, environment) if inside else _misplaced(node.value, path))
    if wrong:
        place = node.place
        problems.extend(Problem(place.file, place.line, place.column, message) for message in wrong)
        return node
    return Node(node.place, _VARIABLE.sub(lambda match: environment[match[1]], node.value) if inside else node.value)


def variable_in(text: str) -> str | None:
    """The first variable that a text names, if any."""
    named = _VARIABLE.search(text)
    return None if named is None else named[1]


def _misplaced(text: str, path: Path) -> Iterator[str]:
    """A variable where none may stand. Anything that is no variable may stand there: a pattern, say."""
    named = [match[0] for match in _VARIABLE.finditer(text) if _NAME.fullmatch(match[1])]
    if named:
        key = next((part for part in reversed(path) if part != "*"), "the survey")
        yield f"`{key}` takes no `{named[0]}`: variables of the environment stand in paths of files and folders alone"


def _wrong(text: str, environment: Mapping[str, str]) -> Iterator[str]:
    if "${" in _VARIABLE.sub("", text):
        yield "a variable of the environment is written `${NAME}`: the brace is not closed"
    for match in _VARIABLE.finditer(text):
        name = match[1]
        if not _NAME.fullmatch(name):
            yield "a variable of the environment is written `${NAME}`, in letters, digits and `_`"
        elif _is_secret(name):
            yield f"`${{{name}}}` looks like a secret, and secrets never stand in a survey: take it out"
        elif name not in environment:
            yield f"the environment has no variable `{name}`: set it, or write the path out"
        elif not environment[name] or not environment[name].isprintable():
            yield f"the variable `{name}` of the environment is empty, or has a control character in it"


def _is_secret(name: str) -> bool:
    words = name.upper().split("_")
    return name.upper().startswith(_OURS) or looks_like_a_credential(name) or not _SECRET_WORDS.isdisjoint(words)
