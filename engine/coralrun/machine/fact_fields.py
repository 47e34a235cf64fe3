"""What stands in the fields of facts, and in those of the state and of the log that hold the same.

Rule: the types are the format, as those of the facts are: what they do not allow is not read, and schemas are made from
them with their descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from coralrun.files.field_types import END, TIME, Digest
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import Unit
from coralrun.planning.images import Size


class PauseWhy(StrEnum):
    """Why a run stopped before its end; each can be resumed."""

    CREDENTIALS = "credentials"
    NO_CLASSIFIER = "no-classifier"
    NOT_UNDERSTOOD = "not-understood"
    UNREACHABLE = "unreachable"
    NO_SLOTS = "no-slots"


class RefusedWhy(StrEnum):
    """Why a submission left no job."""

    NO_SLOT = "no-slot"
    THROTTLED = "throttled"
    BAD_ENTRY = "bad-entry"
    STOPPED = "stopped"
    NEVER_ARRIVED = "never-arrived"
    NOT_SENT = "not-sent"


BY_UNIT = {"propertyNames": {"pattern": "^(0|[1-9][0-9]*)$"}}

TimeOrNone = Annotated[str, Meta(pattern=f"^({TIME})?{END}", description="UTC, ISO 8601; empty while it has not come.")]
DigestOrNone = Annotated[
    str,
    Meta(
        pattern=f"^([0-9a-f]{{64}})?{END}", description="The SHA-256 of the stored result; empty where there is none."
    ),
]
PlanDigest = Annotated[Digest, Meta(description="The SHA-256 of a plan's header and of its units.json.")]
PlanNumber = Annotated[int, Meta(ge=1, description="A plan's number, from 1: that of its folder.")]
BatchNumber = Annotated[int, Meta(ge=1, description="A batch's number, from 1.")]
Attempt = Annotated[int, Meta(ge=1, description="Which submission of the batch, from 1.")]
Reasons = Annotated[
    Mapping[Unit, Reason],
    Meta(description="Why each of these units did not simply succeed.", extra_json_schema=BY_UNIT),
]
PhotoPlace = Annotated[
    str, Meta(min_length=1, description="A photo that is uploaded, by where it goes: the place, `/`, its name there.")
]
StoredId = Annotated[str, Meta(min_length=1, description="A photo at the service, by the service's own name for it.")]
SizesByUnit = Annotated[
    Mapping[Unit, Size], Meta(description="The raw sizes of these units.", extra_json_schema=BY_UNIT)
]
