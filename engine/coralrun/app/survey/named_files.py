"""Which files a path stands for that a person gives: a file, all files of a folder, or all that a pattern matches.

Rule: they come in the order of their names, the same on every computer; a hidden file is none of them. A file that is
there is itself, whatever marks of a pattern are in its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PATTERN_MARKS: Final = "*?["
_FOLDERS_SHOWN: Final = 3


def files_at(place: Path) -> list[Path] | None:
    """The files of a folder or a pattern, none where there are none; None where the path is that of one file."""
    if place.is_dir():
        return sorted(path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))
    if place.exists() or not any(mark in str(place) for mark in _PATTERN_MARKS):
        return None
    anchor = Path(place.anchor)
    pattern = place.relative_to(anchor) if place.is_absolute() else place
    return sorted(path for path in (anchor if place.is_absolute() else Path()).glob(str(pattern)) if path.is_file())


def why_none(place: Path, named: str) -> str:
    """Why a folder or a pattern, written as `named`, has no files."""
    if not place.is_dir():
        return "no file matches"
    folders = sorted(path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        return "the folder has no files"
    shown = ", ".join(folders[:_FOLDERS_SHOWN]) + (", ..." if len(folders) > _FOLDERS_SHOWN else "")
    pattern = f"{named.rstrip('/')}/**/*.cpc"
    return f"the folder has only folders in it ({shown}): name the files in them by a pattern, such as `{pattern}`"
