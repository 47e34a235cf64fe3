"""How a run behaves, and where its results go: the parts of a survey that say nothing of images and points.

Rule: as in `model`. Lengths of time are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coralrun import limits

Format = Literal["csv", "parquet", "coralnet-annotations", "percent-covers", "cover", "matrix", "notebook"]
"""What a survey may ask for as tables (schemas/survey.v1.json)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How the run behaves; `batch_size` in images, `concurrency` in jobs, `web_rate` in pages a second."""

    batch_size: int = limits.DEFAULT_BATCH_SIZE
    concurrency: int = limits.DEFAULT_CONCURRENCY
    patience_s: float = limits.DEFAULT_PATIENCE_S
    attempts: int = limits.DEFAULT_ATTEMPTS
    web_rate: float = limits.DEFAULT_WEB_RATE


@dataclass(frozen=True, kw_only=True, slots=True)
class Outputs:
    """Where the run directory goes, which tables are written, and how many photos the report shows (None: unsaid)."""

    directory: str
    formats: tuple[str, ...] = ("csv",)
    thumbnails: int | None = None
