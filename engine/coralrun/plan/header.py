"""The header of a plan: what it tells of the plan, and how it is held to that.

Rule: what is read is used as text and number, and hashes can be forged: nothing of a header is believed before its
format, its version, its digest and the kind of each field have been looked at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from coralrun.errors import RunDamaged, UsageError
from coralrun.ids import digest_of
from coralrun.plan.lines import design_of
from coralrun.plan.model import FORMAT, VERSION

HEADER_FILE: Final = "plan.json"
WRONG_FIELD: Final = "a field of the plan is missing or of the wrong kind"

# What a survey may be called (schemas/survey.v1.json). A saved plan may come from anybody, and its name names a folder.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


class Damage(Exception):
    """A part of a plan cannot be read; `line` counts from 1 within its part, 0 for all of it."""

    def __init__(self, part: str, line: int, message: str) -> None:
        super().__init__(message)
        self.part = part
        self.line = line


@dataclass(frozen=True, slots=True)
class Outline:
    """What the header alone tells of a plan; `points_each` is None where it is not the same number for every image."""

    digest: str
    images: int
    points: int
    classifier: int
    formats: tuple[str, ...]
    points_each: int | None


def outline_of(header: bytes) -> Outline:
    """What a run's plan is, without its images.

    Raises RunDamaged where the header is not what was written, UsageError where a newer coralrun wrote it.
    """
    try:
        fields = read_header(header)
        check_header(fields)
        laid = [] if fields["design"] is None else [fields["design"], *fields.get("own_designs", {}).values()]
        each = {design_of(design).points_per_image for design in laid}
        return Outline(
            digest=digest_of(fields),
            images=images_count(fields),
            points=int(fields["points"]["count"]),
            classifier=int(fields["classifier"]["id"]),
            formats=tuple(fields["outputs"]["formats"]),
            points_each=each.pop() if len(each) == 1 else None,
        )
    except Damage as damage:
        raise RunDamaged(f"{damage.part}: {damage}") from damage
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise RunDamaged(f"{HEADER_FILE}: {WRONG_FIELD}") from error


def read_header(data: bytes) -> dict[str, Any]:
    """The fields of a header whose digest is right; its version is looked at first: a newer one may differ in all else.

    Raises Damage, or UsageError where a newer coralrun wrote it.
    """
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Damage(HEADER_FILE, 1, "the header cannot be read") from error
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise Damage(HEADER_FILE, 1, f"this is not a plan: `format` is not `{FORMAT}`")
    version = fields.get("version")
    if isinstance(version, int) and version > VERSION:
        raise UsageError(
            f"this plan has format version {version}; this coralrun reads up to version {VERSION}",
            remedy="Use the coralrun that wrote the plan, or a later one.",
        )
    claimed = fields.pop("digest", None)
    if version != VERSION or claimed != digest_of(fields):
        raise Damage(HEADER_FILE, 1, "the header was changed after it was written")
    return fields


def check_header(fields: dict[str, Any]) -> None:
    """Raise TypeError or ValueError for what is used as text or number and is none: hashes can be forged."""
    if not _NAME.fullmatch(fields["name"]):
        raise ValueError("name")
    run = fields["run"]
    texts = (
        fields["service"],
        fields["survey_digest"],
        fields["outputs"]["directory"],
        fields["classifier"]["date"] or "",
        fields.get("revisits", ""),
    )
    if not isinstance(fields.get("fields", []), list):
        raise TypeError
    texts = (*texts, *fields.get("fields", ()))
    wholes = (fields["classifier"]["id"], run["batch_size"], run["concurrency"], run["attempts"])
    rates = (run["patience_s"], run["web_rate"])
    if not all(isinstance(text, str) for text in texts) or not all(type(whole) is int for whole in wholes):
        raise TypeError
    if min(wholes) < 1 or not all(type(rate) in (int, float) and rate > 0 for rate in rates):
        raise ValueError("numbers")


def images_count(fields: dict[str, Any]) -> int:
    """How many lines of images follow; raises Damage where that is not told."""
    try:
        return int(fields["images"]["count"])
    except (KeyError, TypeError, ValueError) as error:
        raise Damage(HEADER_FILE, 1, WRONG_FIELD) from error
