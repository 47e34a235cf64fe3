"""The parts of a survey that say what is known of its images and how its results are read: built, and written back.

Rule: as in `build`. A section that a survey leaves out is left out of its canonical form too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coralrun.spec.build_points import build_reading, reading_out
from coralrun.spec.model import FROM_CORALNET, CoverOptions, Design, Metadata
from coralrun.spec.values import build_values, values_out


def metadata(value: str | Mapping[str, Any]) -> Metadata:
    """Where metadata comes from; a text alone is short for `from`."""
    value = {"from": value} if isinstance(value, str) else value
    origin = value.get("from")
    return Metadata(
        coralnet=origin == FROM_CORALNET,
        table=None if origin == FROM_CORALNET else origin,
        reading=build_reading(value),
        from_names=value.get("from_names"),
        **build_values(value),
    )


def metadata_out(wanted: Metadata) -> dict[str, Any]:
    """The canonical form of `metadata`."""
    origin = FROM_CORALNET if wanted.coralnet else wanted.table
    return {
        **_present({"from": origin, "from_names": wanted.from_names}),
        **reading_out(wanted.reading),
        **values_out(wanted),
    }


def design(value: Mapping[str, Any]) -> Design:
    """How the survey was laid out."""
    strata = value.get("strata", {})
    return Design(
        unit=value.get("unit"),
        levels=tuple(value.get("levels", ())),
        strata_field=strata.get("field"),
        areas=strata.get("areas"),
    )


def design_out(wanted: Design) -> dict[str, Any]:
    """The canonical form of `design`."""
    strata = _present({"field": wanted.strata_field, "areas": wanted.areas})
    return _present({"unit": wanted.unit, "levels": list(wanted.levels) or None, "strata": strata or None})


def cover(value: Mapping[str, Any]) -> CoverOptions:
    """How cover is worked out. Labels may be written as numbers; they are kept as text."""
    least = value.get("min_confidence")
    return CoverOptions(
        groups=value.get("groups"),
        unusable=tuple(str(label) for label in value.get("unusable", ())),
        unclear=tuple(str(label) for label in value.get("unclear", ())),
        min_usable_points=share(value.get("min_usable_points", "0%")),
        min_confidence=None if least is None else float(least),
        diversity=value.get("diversity", False),
    )


def cover_out(wanted: CoverOptions) -> dict[str, Any]:
    """The canonical form of `cover`."""
    return _present(
        {
            "groups": wanted.groups,
            "unusable": list(wanted.unusable),
            "unclear": list(wanted.unclear),
            "min_usable_points": f"{round(100 * wanted.min_usable_points, 6):.15g}%",
            "min_confidence": wanted.min_confidence,
            "diversity": wanted.diversity,
        }
    )


def share(percent: str) -> float:
    """A share such as `80%`, from 0 to 1; the schema has seen to its form."""
    return float(percent[:-1]) / 100


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
