"""Pieces of a survey's YAML in a message, as whoever makes the survey of arguments types them.

Rule: `key: value` or `- key: value` between backquotes, and {key: value} anywhere else, with the argument before it,
are such pieces where they can be read so; all other words stay as they are, and one after `the` is a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Final

import yaml

_PIECE: Final = re.compile(r"`((?:- )?[a-z_]+: [^`\n]+)`|(?:(?<!the )\b([a-z_]+): )?(\{[a-z_]+: [^{}`\n]+\})")


def as_python(text: str, arguments: Collection[str]) -> str:
    """A message with Python in place of YAML; `arguments` are the keys that are arguments of the call."""
    return _PIECE.sub(lambda piece: _typed(piece, arguments), text)


def _typed(piece: re.Match[str], arguments: Collection[str]) -> str:
    quoted, before, bare = piece.groups()
    try:
        value = yaml.safe_load(quoted or bare)
        if bare is not None:
            return f"{'' if before is None else f'{before}=' if before in arguments else f'{before}: '}{_python(value)}"
        if isinstance(value, list):
            typed = _python(value)
        else:
            ((key, inner),) = value.items()
            typed = f"{key}={_python(inner)}" if key in arguments else f'"{key}": {_python(inner)}'
    except (yaml.YAMLError, ValueError):
        return piece[0]
    return f"`{typed}`"


def _python(value: object) -> str:
    """A value as Python is typed; raises ValueError for a key without a value, which is no survey's."""
    match value:
        case None:
            raise ValueError("a key without a value")
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_python(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_python, value)) + "]"
        case bool() | int() | float():
            return repr(value)
        case _:
            return json.dumps(str(value), ensure_ascii=False)
