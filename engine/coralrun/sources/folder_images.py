"""Where the photos of folders are, and whether they are still those that were planned.

Rule: a plan may come from anybody, and it names folders and photos: so no name leads out of its folder, and no byte of
a file is used whose SHA-256 is not the planned one. Whoever made a plan learns nothing by it of a file that they do not
have themselves. A folder that is not there is trouble, which ends; a photo that is not there is gone.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path, PurePath

from coralrun import limits
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Located
from coralrun.sources.folder_photo import raw_size

FOLDER_REMEDY = (
    "Let it be there again: plug in its drive, or move it back. If it is elsewhere now, call `coralrun apply` with the "
    "survey beside it, which goes on with the same run."
)


class FolderImages:
    """`ports.Images` for photos in folders, of which the places are given by their sources' labels.

    Raises UsageError where a folder is not there.
    """

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = {label: Path(folder) for label, folder in folders.items()}
        for label, folder in self._folders.items():
            if not folder.is_dir():
                raise UsageError(f"{label}: its photos are not at {folder} any more", remedy=FOLDER_REMEDY)

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Give a photo's path and raw size, as far as a look at its entry in the folder tells."""
        folder = self._folders.get(image.source)
        path = None if folder is None else place_in(folder, image.name)
        if folder is None or path is None:
            return Unusable(Reason.NOT_FOUND)
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return Unusable(Reason.CHANGED)
            size = image.size or Size(*raw_size(path))
        except (FileNotFoundError, NotADirectoryError):
            if folder.is_dir():
                return Unusable(Reason.NOT_FOUND)
            return Trouble(TroubleKind.UNREACHABLE, f"{folder} is not there")
        except OSError as error:
            return Trouble(TroubleKind.UNREACHABLE, f"{folder}: {error.strerror or ''}")
        return Located(path, size) if all(size) else Unusable(Reason.NOT_AN_IMAGE)


def place_in(folder: Path, name: str) -> Path | None:
    """Where a photo of this name is in its folder; None for a name that may lead anywhere else."""
    parts = name.split("/")
    plain = all(PurePath(part).parts == (part,) and part not in ("", ".", "..") and "\0" not in part for part in parts)
    return folder.joinpath(*parts) if plain else None


def read_photo(place: PurePath) -> bytes | Unusable | Trouble:
    """A photo by its path."""
    try:
        return read_given(Path(place), limits.MAX_PHOTO_BYTES)
    except FileNotFoundError:
        return Unusable(Reason.NOT_FOUND)
    except OSError as error:
        return Trouble(TroubleKind.UNREACHABLE, error.strerror or "")


def as_planned(data: bytes, sha256: str | None) -> bytes | Unusable:
    """The bytes of a photo, where they are those that were planned; any where no digest was."""
    same = sha256 is None or hashlib.sha256(data).hexdigest() == sha256
    return data if same else Unusable(Reason.CHANGED)
