"""A declarative, crash-safe batch engine for classifying reef photographs with CoralNet, or on this computer.

    coralrun.images(3420)             the images of a CoralNet source, as a table to choose from
    coralrun.plan(images=...)         a PlannedRun: what a run would do; its apply() carries it out
    coralrun.open("runs/reef")        a Run: its predictions, cover, reviews and accuracy, as tables
    coralrun.cover_of_labels(...)     cover of points that people labelled
    coralrun.train(...)               a classifier of your own

help(coralrun.plan) says what it takes and gives, with an example, and so on for each; help(coralrun.Run) says what a
run can do. Everything else below coralrun is for those who build it.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = ("PlannedRun", "Run", "cover_of_labels", "images", "open", "plan", "train")


def __getattr__(name: str) -> Any:
    """A public name, looked up when it is first asked for: the commands must start at once."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_meant(name)}")
    return getattr(importlib.import_module("coralrun.api"), name)


def _meant(name: str) -> str:
    """What a command of that name is in Python, "" for what is none."""
    if name.startswith("_"):
        return ""
    if name == "status":
        return ": in Python it is run.summary, where run = coralrun.open(DIRECTORY)"
    call = importlib.import_module("coralrun.console.as_calls").as_calls(f"coralrun {name}")
    if call == f"coralrun {name}":
        return ""
    return f": in Python it is {call}{', where run = coralrun.open(DIRECTORY)' if call.startswith('run.') else ''}"


def __dir__() -> list[str]:
    return sorted({"__version__", *_PUBLIC})
