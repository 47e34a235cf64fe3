"""Conditions on metadata (`where`): built, and written back.

Rule: as in `build`. A value alone is short for a list of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coralrun.spec.model import Condition, Metadata
from coralrun.spec.values import ReadValue, reader_of


def conditions(value: Mapping[str, Any], metadata: Metadata) -> tuple[Condition, ...]:
    """What `where` asks of each field, in the order in which it stands; its values are read as those of images."""
    return tuple(_condition(field, asked, reader_of(metadata, field)) for field, asked in value.items())


def conditions_out(wanted: tuple[Condition, ...]) -> dict[str, Any]:
    """The canonical form of `where`."""
    return {condition.field: _out(condition) for condition in wanted}


def _condition(field: str, asked: Any, read: ReadValue) -> Condition:
    if isinstance(asked, Mapping):
        return Condition(
            field=field,
            least=_bound(asked.get("min")),
            most=_bound(asked.get("max")),
            first=asked.get("from"),
            last=asked.get("to"),
        )
    values = asked if isinstance(asked, list) else [asked]
    return Condition(
        field=field, values=tuple(read(value) if isinstance(value, str) else float(value) for value in values)
    )


def _out(condition: Condition) -> Any:
    if condition.values:
        return [value if isinstance(value, str) else _number(value) for value in condition.values]
    bounds = {
        "min": None if condition.least is None else _number(condition.least),
        "max": None if condition.most is None else _number(condition.most),
        "from": condition.first,
        "to": condition.last,
    }
    return {key: value for key, value in bounds.items() if value is not None}


def _bound(value: Any) -> float | None:
    return None if value is None else float(value)


def _number(value: float) -> float:
    """A number as it is written: 5.0 and 5 are one number, and JSON would tell them apart."""
    return int(value) if value == int(value) else value
