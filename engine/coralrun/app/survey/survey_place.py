"""Where the file of a run's survey stands, as its plan keeps it, and how a path is typed where somebody stands.

Rule: it is told from the run's directory, so that a project may be moved as a whole. Nothing that a survey is checked
with is loaded: whoever says how a run stands names its survey too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from coralrun.spec.compare import SURVEY_FILE
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout


def kept_form(plan: PlanLayout, disk: Disk) -> dict[str, Any]:
    """The survey that a plan's folder keeps, unchecked; empty where it has none that can be read."""
    if not plan.survey.is_file():
        return {}
    try:
        kept = json.loads(disk.read(plan.survey))
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) and "outputs" in kept else {}


def file_of(layout: Layout, kept: Mapping[str, Any]) -> Path | None:
    """Where the file of a kept survey stands; None where it never was one."""
    said = kept.get(SURVEY_FILE)
    return Path(os.path.normpath(layout.root.resolve() / said)) if isinstance(said, str) else None


def from_root(root: Path, path: Path) -> str:
    """A path from a run's directory; whole where there is no way, as between the drives of Windows."""
    return _from(root.resolve(), path).as_posix()


def from_here(path: Path) -> Path:
    """A path as it is shown and typed here; whole where there is no way."""
    return _from(Path.cwd(), path)


def _from(folder: Path, path: Path) -> Path:
    with suppress(ValueError):
        return Path(os.path.relpath(path, folder))
    return path
