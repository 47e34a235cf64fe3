"""How photos show themselves in a notebook: as `coralrun show` draws them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo with its points drawn on it: the `path` that it stands at, and how many points have each label."""

    path: Path
    points: int
    labels: tuple[tuple[str, int], ...]
    note: str

    def _repr_jpeg_(self) -> bytes | None:
        return self.path.read_bytes() if self.path.suffix.lower() in (".jpg", ".jpeg") else None

    def _repr_png_(self) -> bytes | None:
        return self.path.read_bytes() if self.path.suffix.lower() == ".png" else None
