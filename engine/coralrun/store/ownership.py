"""Whose a run directory is: it, and all in it that coralrun uses, are files and folders of its own.

Rule: a link leads what is written anywhere, and what another user owns and others may write changes under our hands:
both are refused by name before anything there is read or written. Links above the run directory are the user's own
affair: a scratch disk is reached by one. In a folder that its owner alone may write nobody else can have put anything,
so there no file is asked whose it is. Windows tells no owner and has no such modes: there links alone are refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from coralrun.errors import DiskError
from coralrun.store.layout import Layout

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OWN = "Remove it, or choose another run directory (--run-dir): one that coralrun makes for you."


def check_own(layout: Layout) -> None:
    """Raise DiskError for a run directory, or what is in it, that is a link or that others hold; fine if not there."""
    root = layout.root
    try:
        found = os.lstat(root)
    except (FileNotFoundError, NotADirectoryError):
        return
    _check(root, found)
    if stat.S_ISDIR(found.st_mode):
        try:
            _check_inside(root, found, {path.name for path in layout.all_paths()})
        except OSError as error:
            raise DiskError(f"{error.filename or root}: {error.strerror or error}") from error


def _check_inside(folder: Path, found: os.stat_result, used: Collection[str]) -> None:
    """Look at what is in a folder, or at those names in it that are used; a file may go while it is looked at."""
    shared = _is_anothers(found) or bool(found.st_mode & _OTHERS_MAY_WRITE)
    with os.scandir(folder) as entries:
        for entry in entries:
            if used and entry.name not in used:
                continue
            path = folder / entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder or shared or not entry.is_file(follow_symlinks=False):
                try:
                    inside = os.lstat(path)
                    _check(path, inside)
                    if is_folder:
                        _check_inside(path, inside, ())
                except FileNotFoundError:
                    continue


def _check(path: Path, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode) or _is_junction(path):
        raise DiskError(f"{path}: a link; coralrun does not follow links in a run directory", remedy=_of_link(path))
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise DiskError(f"{path}: neither a file nor a folder", remedy=_OWN)
    if _is_anothers(found) and found.st_mode & _OTHERS_MAY_WRITE:
        raise DiskError(
            f"{path}: belongs to another user (number {found.st_uid}), and others may write to it", remedy=_OWN
        )


def _of_link(path: Path) -> str:
    try:
        target = path.readlink()
    except OSError:
        return _OWN
    return f"Name the directory that it leads to ({target}), or put a folder in its place."


def _is_anothers(found: os.stat_result) -> bool:
    return hasattr(os, "geteuid") and found.st_uid != os.geteuid()


def _is_junction(path: Path) -> bool:
    """Whether a path is what Windows has for links to folders."""
    asks = getattr(os.path, "isjunction", None)  # Python 3.12
    return asks is not None and bool(asks(path))
