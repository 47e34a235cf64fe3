"""coralrun: a declarative, crash-safe batch engine for classifying reef photographs with CoralNet.

In Python and notebooks: `coralrun.open`, `coralrun.images`, `coralrun.plan`, `coralrun.train`; see `coralrun.api`.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = ("PlannedRun", "Run", "cover_of_labels", "images", "open", "plan", "train")


def __getattr__(name: str) -> Any:
    """A public name, looked up when it is first asked for: the commands must start at once."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("coralrun.api"), name)


def __dir__() -> list[str]:
    return sorted({"__version__", *_PUBLIC})
