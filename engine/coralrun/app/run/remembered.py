"""Which survey had a run at which place, on this computer, so that it shows when the run was moved away from there.

Rule: it is kept in the user's state folder, for surveys that are files, by the place where the run was. It may be lost:
then a survey whose run was moved is as one that never had any. Who removes a run with coralrun has it forgotten.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final, Literal

import msgspec
import platformdirs
from msgspec import Struct
from msgspec.structs import replace

from coralrun.app.survey.survey_file import SurveyFile
from coralrun.errors import RunDamaged
from coralrun.store import run
from coralrun.store.cache import CacheFolder
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

_FOLDER: Final = "runs"
_MOST_BYTES: Final = 5_000_000  # ours: some ten thousand runs
_NAME_CHARS: Final = 32


class Had(Struct, frozen=True, kw_only=True):
    """The run that a survey had at a place: its id, when it was begun, how many images its last plan named, and where
    it was gone on with since by its folder, "" where it was not."""

    version: Literal[1] = 1
    place: str
    survey: str
    digest: str
    run: str
    begun: str
    images: int
    now: str = ""

    def is_at(self, layout: Layout) -> bool:
        """Whether this run is there, and was moved to it."""
        try:
            return run.read_identity(layout, Disk()).run == self.run
        except RunDamaged:
            return False


def remember(layout: Layout, file: SurveyFile | None, images: int) -> None:
    """Remember that a survey has this run, where that is the place that it says itself; or that the run which was there
    is here now."""
    if file is None or file.path is None:
        return
    identity = run.read_identity(layout, Disk())
    if _whole(Path(file.directory)) != _whole(layout.root):
        had = remembered(Path(file.directory), file)
        if had is not None and had.run == identity.run:
            _keep(replace(had, now=_whole(layout.root)))
        return
    had = Had(
        place=_whole(layout.root),
        survey=str(file.path),
        digest=file.digest,
        run=identity.run,
        begun=identity.created_at,
        images=images,
    )
    _keep(had)


def _keep(had: Had) -> None:
    folder = _kept()
    folder.keep(_name(Path(had.place)), msgspec.json.encode(had))
    folder.trim()


def remembered(place: Path, file: SurveyFile) -> Had | None:
    """The run that a survey had at a place, None where none is known.

    It is the same survey by its file; or, where that is gone, by its words.
    """
    try:
        had = msgspec.json.decode(_kept().get(_name(place)) or b"", type=Had)
    except msgspec.MsgspecError:  # there is none, or one of another version
        return None
    its = Path(had.survey)
    is_its = its == file.path or (file.path is not None and not its.exists() and had.digest == file.digest)
    return had if is_its and had.place == _whole(place) else None


def forget(place: Path) -> None:
    """Forget the run that was at a place: it was removed, and nobody misses it."""
    _kept().drop(_name(place))


def _kept() -> CacheFolder:
    return CacheFolder(platformdirs.user_state_path("coralrun") / _FOLDER, _MOST_BYTES)


def _whole(place: Path) -> str:
    return os.path.realpath(place)


def _name(place: Path) -> str:
    return hashlib.sha256(os.fsencode(_whole(place))).hexdigest()[:_NAME_CHARS] + ".json"
