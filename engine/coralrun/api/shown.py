"""How plans, runs and photos show themselves in a notebook: as the commands print and draw them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path


def as_html(text: str) -> str:
    """Lines as a notebook shows them; names and reasons in them come from outside."""
    return f"<pre>{html.escape(text)}</pre>"


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
