"""What a service itself found its classifier to take for what: `confusion.json` of a plan's folder.

Rule: these are the service's figures, from photos that it chose; nothing is worked out from them of a survey. They are
of one classifier, by its number, and beside a plan with another one they are not kept. A file that is not what was
written is damaged.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from coralrun.errors import RunDamaged
from coralrun.files.field_types import Count, Positive
from coralrun.files.sealed import seal, unseal


class Confusion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a classifier of `source`: by people's label (a row) and the classifier's (a column), both in the order of
    `labels`, the number of the service's own held-out points.

    Labels are named as the service names them there, which may be cut short, so two may look alike.
    """

    classifier: str
    source: Positive
    labels: tuple[str, ...]
    points: tuple[tuple[Count, ...], ...]

    def __post_init__(self) -> None:
        if {len(self.points), *map(len, self.points)} - {len(self.labels)}:
            raise ValueError("it is no square of points")

    @property
    def total(self) -> int:
        """All points."""
        return sum(map(sum, self.points))

    @property
    def agreed(self) -> int:
        """Those on which both say the same."""
        return sum(row[at] for at, row in enumerate(self.points))

    @property
    def of_classifier(self) -> tuple[int, ...]:
        """How many points the classifier gave each label."""
        return tuple(map(sum, zip(*self.points, strict=True)))


class ConfusionFile(msgspec.Struct, forbid_unknown_fields=True):
    """confusion.json of a plan in a run directory: what the service says of the plan's classifier, where it does."""

    format: Literal["coralrun.confusion"]
    version: Literal[1]
    confusion: Confusion


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(ConfusionFile)


def encode(confusion: Confusion) -> bytes:
    """Write what a service says."""
    return seal(_ENCODER.encode(ConfusionFile("coralrun.confusion", 1, confusion)))


def decode(label: str, data: bytes) -> Confusion:
    """Read what `encode` wrote from a file called `label`; RunDamaged where it is not that."""
    body = unseal(data, name=label, known=("coralrun.confusion", 1))
    try:
        return _DECODER.decode(body).confusion
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RunDamaged(f"{label}: damaged: {error}") from error
