"""Which survey had which runs at a place, on this computer, so that it shows when one was moved away from there.

Rule: it is kept in the user's state folder, for surveys that are files, a file for each run and place where it was: a
later run there neither replaces it nor takes it along when it goes. It may be lost: then a survey whose run was moved
is as one that never had any. Who removes a run with coralrun has that one forgotten, wherever it was.
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
from coralrun.spec.compare import run_part
from coralrun.store import run
from coralrun.store.cache import CacheFolder
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.ids import digest_of

_FOLDER: Final = "runs"
_MOST_BYTES: Final = 5_000_000  # ours: some ten thousand runs
_NAME_CHARS: Final = 32


class Had(Struct, frozen=True, kw_only=True):
    """The run that a survey had at a place: its id, when it was begun, how many images its last plan named, and where
    it was gone on with since by its folder, "" where it was not. `words` is the digest of what the survey says but for
    how it and its run are called."""

    version: Literal[1] = 1
    place: str
    survey: str
    words: str
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
        for had in remembered(Path(file.directory), file):
            if had.run == identity.run:
                _keep(replace(had, now=_whole(layout.root)))
        return
    had = Had(
        place=_whole(layout.root),
        survey=str(file.path),
        words=_words(file),
        run=identity.run,
        begun=identity.created_at,
        images=images,
    )
    _keep(had)


def _keep(had: Had) -> None:
    folder = _kept()
    folder.keep(_of_place(Path(had.place)) + _of_run(had.run), msgspec.json.encode(had))
    folder.trim()


def remembered(place: Path, file: SurveyFile) -> tuple[Had, ...]:
    """The runs that a survey had at a place, as far as they are known, the newest first.

    It is the same survey by its file; or, where that is gone, by its words.
    """
    return tuple(had for had in _of_survey(file, _of_place(place)) if had.place == _whole(place))


def remembered_anywhere(file: SurveyFile) -> tuple[Had, ...]:
    """The same of every place, for a survey may say another one now; it was in the same folder, under whatever name."""
    folder = None if file.path is None else file.path.parent
    return tuple(had for had in _of_survey(file) if Path(had.survey).parent == folder)


def _of_survey(file: SurveyFile, of_place: str = "") -> tuple[Had, ...]:
    folder = _kept()
    known = (_read(folder, name) for name in folder.names() if name.startswith(of_place))
    its = (had for had in known if had is not None and _is_of(had, file))
    return tuple(sorted(its, key=lambda had: had.begun, reverse=True))


def _read(folder: CacheFolder, name: str) -> Had | None:
    try:
        return msgspec.json.decode(folder.get(name) or b"", type=Had)
    except msgspec.MsgspecError:  # there is none, or one of another version
        return None


def _is_of(had: Had, file: SurveyFile) -> bool:
    its = Path(had.survey)
    return its == file.path or (file.path is not None and not its.exists() and had.words == _words(file))


def _words(file: SurveyFile) -> str:
    return digest_of(run_part({**file.resolved, "name": "", "outputs": {}}))


def forget(run_id: str) -> None:
    """Forget a run at each place where it was: it was removed, and nobody misses it."""
    folder, of_run = _kept(), _of_run(run_id)
    for name in folder.names():
        if name.endswith(of_run):
            folder.drop(name)


def _kept() -> CacheFolder:
    return CacheFolder(platformdirs.user_state_path("coralrun") / _FOLDER, _MOST_BYTES)


def _whole(place: Path) -> str:
    return os.path.realpath(place)


def _of_place(place: Path) -> str:
    """How the names of all files of a place begin."""
    return _digest(os.fsencode(_whole(place))) + "-"


def _of_run(run_id: str) -> str:
    """How the names of all files of a run end."""
    return _digest(run_id.encode()) + ".json"


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()[:_NAME_CHARS]
