"""How a run behaves, and where its results go: the parts of a survey that say nothing of images and points.

Rule: as in `model`. Lengths of time are in seconds.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from coralrun import limits

_UNIT_S: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}

Format = Literal["csv", "parquet", "coralnet-annotations", "percent-covers", "cover", "matrix", "notebook"]
"""What a survey may ask for as tables (schemas/survey.v1.json)."""


class RunOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the run behaves; `batch_size` in images, `concurrency` in jobs, `web_rate` in pages a second."""

    batch_size: int = limits.DEFAULT_BATCH_SIZE
    concurrency: int = limits.DEFAULT_CONCURRENCY
    patience: str = f"{limits.DEFAULT_PATIENCE_S:g}s"
    attempts: int = limits.DEFAULT_ATTEMPTS
    web_rate: float = limits.DEFAULT_WEB_RATE

    @property
    def patience_s(self) -> float:
        """The longest wait between two looks."""
        return seconds(self.patience)


class Outputs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the run directory goes, which tables are written, and how many photos the report shows (None: unsaid)."""

    directory: str
    formats: tuple[str, ...] = ("csv",)
    thumbnails: int | None = None


def seconds(text: str) -> float:
    """A length of time such as `75s`, `5m` or `1h`, in seconds; the schema has seen to its form."""
    return round(float(text[:-1]) * _UNIT_S[text[-1]], 3)
