"""How runs, plans and photos show themselves in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from coralrun.app.survey.said_in_python import in_arguments
from coralrun.console.as_calls import as_calls
from coralrun.console.notebook import Told, as_html, telling


class Shown(ABC):
    """What a notebook shows as its text, and completes by its public names alone; it says things in Python's words."""

    @property
    @abstractmethod
    def _is_of_arguments(self) -> bool:
        """Whether its survey was made of arguments, and is no file."""

    def _said(self, text: str) -> str:
        """A text with calls in place of command lines, and arguments in place of YAML where it has no YAML."""
        return as_calls(in_arguments(text) if self._is_of_arguments else text)

    def _telling(self, cancelled: Callable[[], bool] = lambda: False) -> AbstractContextManager[Told]:
        return telling(cancelled, self._said)

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
