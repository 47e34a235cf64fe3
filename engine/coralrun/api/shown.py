"""How runs, plans and photos show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coralrun.console.notebook import as_html


class Shown:
    """What a notebook shows as its text, and completes by its public names alone."""

    def __dir__(self) -> list[str]:
        return sorted(name for name in super().__dir__() if not name.startswith("_"))

    def _repr_html_(self) -> str:
        return as_html(repr(self))


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo with its points drawn on it, as `coralrun show` draws it.

    It stands at `path`; `labels` says how many points have each.
    """

    path: Path
    points: int
    labels: tuple[tuple[str, int], ...]
    note: str

    def _repr_jpeg_(self) -> bytes | None:
        return self.path.read_bytes() if self.path.suffix.lower() in (".jpg", ".jpeg") else None

    def _repr_png_(self) -> bytes | None:
        return self.path.read_bytes() if self.path.suffix.lower() == ".png" else None
