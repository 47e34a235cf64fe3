"""How a run is read, as bytes: `analysis.json` of a run directory, and a part of a plan that is saved in one file.

Rule: equal analyses encode to equal bytes; a file opens with `format` and `version` and carries the SHA-256 of the
rest, so that damage is found. What cannot be read as it was written raises, and nothing is filled in for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from coralrun.errors import RunDamaged
from coralrun.ids import canonical_json, digest_of
from coralrun.plan.model import Analysis
from coralrun.spec.groups import fields_of, groups_from
from coralrun.spec.model import CoverOptions, Design

FORMAT: Final = "coralrun.analysis"
VERSION: Final = 1

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What `from_fields` raises for fields that `to_fields` did not write."""


def encode(analysis: Analysis, formats: tuple[str, ...]) -> bytes:
    """Write how a run is read; `formats` are those of its tables."""
    fields = {**to_fields(analysis), "formats": list(formats)}
    digest = digest_of({"format": FORMAT, "version": VERSION, **fields})
    opening = b'{"format":"%s","version":%d,' % (FORMAT.encode(), VERSION)
    return opening + canonical_json({**fields, "digest": digest})[1:] + b"\n"


def decode(label: str, data: bytes) -> tuple[Analysis, tuple[str, ...]]:
    """Read what `encode` wrote from a file called `label`; RunDamaged where it is not that."""
    try:
        fields = json.loads(data)
        if fields["format"] != FORMAT:
            raise ValueError("it is not an analysis")
        version = fields["version"]
        if type(version) is int and version > VERSION:
            remedy = "Upgrade coralrun to read this run."
            raise RunDamaged(f"{label}: written by a newer coralrun (format {version})", remedy=remedy)
        claimed = fields.pop("digest")
        if version != VERSION or claimed != digest_of(fields):
            raise ValueError("its hash does not fit")
        return from_fields(fields), _texts(fields["formats"])
    except UNREADABLE as error:
        raise RunDamaged(f"{label}: damaged: {error}") from error


def to_fields(analysis: Analysis) -> dict[str, Any]:
    """An analysis as plain JSON values."""
    return {
        "design": asdict(analysis.design),
        "cover": asdict(analysis.cover),
        "groups": None if analysis.groups is None else fields_of(analysis.groups),
        "areas": dict(analysis.areas),
        **({} if analysis.thumbnails is None else {"thumbnails": analysis.thumbnails}),
    }


def from_fields(fields: Mapping[str, Any]) -> Analysis:
    """The analysis that `to_fields` wrote; raises one of UNREADABLE where it wrote something else."""
    design, cover, areas = fields["design"], fields["cover"], fields["areas"]
    if not all(_is_number(area) and area > 0 for area in areas.values()):
        raise ValueError("`areas` are numbers above 0")
    least, confidence = cover["min_usable_points"], cover["min_confidence"]
    if not _is_share(least) or not (confidence is None or _is_share(confidence)):
        raise ValueError("shares are numbers from 0 to 1")
    if type(cover["diversity"]) is not bool:
        raise TypeError("`diversity` is true or false")
    return Analysis(
        design=Design(
            unit=_text(design["unit"]),
            levels=_texts(design["levels"]),
            strata_field=_text(design["strata_field"]),
            areas=_text(design["areas"]),
        ),
        cover=CoverOptions(
            groups=_text(cover["groups"]),
            unusable=_texts(cover["unusable"]),
            unclear=_texts(cover["unclear"]),
            min_usable_points=least,
            min_confidence=confidence,
            diversity=cover["diversity"],
        ),
        groups=None if fields["groups"] is None else groups_from(fields["groups"]),
        areas=dict(areas),
        thumbnails=_count(fields.get("thumbnails")),
    )


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def _count(value: object) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError("`thumbnails` is a whole number, 0 or more")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts is expected")
    return tuple(value)


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1
