"""The dates by which CoralNet's search chooses images, as a survey asks for them.

Rule: as in `model`: frozen, and nothing that reads or asks.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct


class PhotoDate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on a date: a year, a day, or a range with both ends included. ISO dates."""

    year: int | None = None
    date: str | None = None
    first: str | None = msgspec.field(default=None, name="from")
    last: str | None = msgspec.field(default=None, name="to")
