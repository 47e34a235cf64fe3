"""A photo of a folder as it is sent to a source: the bytes that were planned, and no others.

Rule: what is sent follows from the file alone, so it is the same whenever it is sent again.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath

from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.ports import Located
from coralrun.sources.folder_images import FolderImages, as_planned, read_photo
from coralrun.sources.photo_tells import without_told


def bytes_to_send(folders: FolderImages, image: PlannedImage) -> bytes | Unusable | Trouble:
    """The bytes of a photo that has an `upload`."""
    located = folders.locate(image)
    if not isinstance(located, Located):
        return located
    if not isinstance(located.place, PurePath) or image.upload is None:
        raise ValueError(f"{image.key} is no photo of a folder that is uploaded")
    data = read_photo(located.place)
    found = as_planned(data, image.sha256) if isinstance(data, bytes) else data
    if not isinstance(found, bytes) or image.upload.sha256 == image.sha256:
        return found
    changed = without_told(found)
    return changed if hashlib.sha256(changed).hexdigest() == image.upload.sha256 else Unusable(Reason.CHANGED)
