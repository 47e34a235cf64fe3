"""How a run behaves, and where its results go: the parts of a survey that say nothing of images and points.

Rule: as in `model`. Lengths of time are in seconds.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from coralrun import limits

LENGTH: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?[smh]")
"""A length of time with its unit, such as `75s`, `5m` or `1h`."""

_UNIT_S: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}

Format = Literal["csv", "parquet", "coralnet-annotations", "percent-covers", "cover", "matrix", "notebook"]
"""What a survey may ask for as tables (schemas/survey.v1.json)."""


class RunOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the run behaves; `batch_size` in images, `concurrency` in jobs."""

    batch_size: int = limits.DEFAULT_BATCH_SIZE
    concurrency: int = limits.DEFAULT_CONCURRENCY
    attempts: int = limits.DEFAULT_ATTEMPTS


class Outputs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the run directory goes, which tables are written, and how many photos the report shows (None: unsaid)."""

    directory: str
    formats: tuple[str, ...] = ("csv",)
    thumbnails: int | None = None


def seconds(text: str) -> float:
    """A length of time such as `75s`, `5m` or `1h`, in seconds; the schema has seen to its form."""
    return round(float(text[:-1]) * _UNIT_S[text[-1]], 3)
