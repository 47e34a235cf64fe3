"""Why a photo that lies in a folder cannot be taken, as its plan finds out before anything is sent.

Rule: such a photo is planned as any other, so that it is counted and accounted for; its unit ends with the reason of
`machine.reasons` that has the same word, and nobody is ever asked for it. What is found wrong is found anew by each
plan: a photo that was mended, or whose name has become free, is sent then.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Unfit(StrEnum):
    """What is wrong with a photo."""

    EMPTY = "empty-file"
    DAMAGED = "damaged"
    NOT_AN_IMAGE = "not-an-image"
    OTHER_FORMAT = "other-format"
    CLOSED = "not-readable"
    TOO_MANY_BYTES = "too-many-bytes"
    TOO_MANY_PIXELS = "too-many-pixels"
    UPLOAD_TOO_LARGE = "upload-too-large"
    BAD_NAME = "bad-name"
    ALIKE_NAMES = "alike-names"
    NAME_TAKEN = "name-taken"
    NOT_STRIPPED = "not-stripped"


class Refusal(NamedTuple):
    """That a photo cannot be taken, `said` of several, with what to do."""

    why: Unfit
    said: str
