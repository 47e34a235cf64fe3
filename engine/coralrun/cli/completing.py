"""What a shell offers for an argument: runs, formats, metadata fields.

Rule: whoever presses a key waits, so nothing heavy is imported and no state of a run is read; and what cannot be read
offers nothing, for a shell has no place for an error.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import typer

RUNS = Path("runs")


def runs(incomplete: str) -> list[str]:
    """The runs under runs/, as deep as commands look for them, the one that was worked on last first."""
    deep = chain.from_iterable(RUNS.glob(f"{folders}/run.json") for folders in ("*", "*/*", "*/*/*"))
    found = sorted((path.parent for path in deep), key=_worked_on_s, reverse=True)
    return [path.as_posix() for path in found if path.as_posix().startswith(incomplete)]


def formats(incomplete: str) -> list[tuple[str, str]]:
    """The formats of exports, with what each is."""
    from coralrun.exports.registry import FORMATS

    return [(wanted.name, wanted.summary) for wanted in FORMATS if wanted.name.startswith(incomplete)]


def fields(context: typer.Context, incomplete: str) -> list[str]:
    """The metadata fields of the run that stands in the line, or of the one that was worked on last."""
    words = [*context.args, *map(str, context.params.values())]  # a line that is not whole leaves its words unread
    folder = next((Path(word) for word in (*words, *runs("")) if (Path(word) / "run.json").is_file()), None)
    try:
        plan = max(folder.glob("plans/*/plan.json")) if folder is not None else None
        known = json.loads(plan.read_bytes()).get("fields", []) if plan is not None else []
    except (OSError, ValueError, AttributeError):
        return []
    return [field for field in known if isinstance(field, str) and field.startswith(incomplete)]


def _worked_on_s(folder: Path) -> float:
    marks = (folder / name for name in ("run.json", "run.owner", "report/index.html"))
    return max(path.stat().st_mtime for path in marks if path.is_file())
