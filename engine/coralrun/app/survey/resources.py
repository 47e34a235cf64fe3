"""The files that ship with coralrun: its schemas.

Rule: in a wheel they stand inside the package; in a checkout at the top of the tree, where people look for them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coralrun.errors import CoralrunError

_PACKAGE = Path(__file__).resolve().parents[2]
_PLACES = (_PACKAGE / "schemas", _PACKAGE.parent.parent / "schemas")

SURVEY_SCHEMA = "survey.v1.json"
GROUPS_SCHEMA = "groups.v1.json"


def schema_text(name: str) -> str:
    """A schema as it stands in its file."""
    for place in _PLACES:
        path = place / name
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise CoralrunError(f"the schema {name} is missing from this installation", remedy="Install coralrun again.")


def schema(name: str) -> dict[str, Any]:
    """A schema as a mapping."""
    value: dict[str, Any] = json.loads(schema_text(name))
    return value
