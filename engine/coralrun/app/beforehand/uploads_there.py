"""Which of the photos that a place has already are those that would be sent.

Rule: what has a number there never changes, so what any run has learnt of its bytes holds. A few of which no run knows
are compared, where that is asked for; all others are when the run comes to them. It changes words alone, no plan.
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from coralrun import limits
from coralrun.app.beforehand.uploads_said import SortedPhotos
from coralrun.app.run.below import runs_below
from coralrun.app.run.paths import RUNS, reaching
from coralrun.errors import DiskError, RunDamaged
from coralrun.machine.outcomes import Compared
from coralrun.ports import Uploads
from coralrun.reaching import Progress
from coralrun.store import run
from coralrun.store.files import Disk


def tell_apart(found: SortedPhotos, service: str, uploads: Uploads | None, progress: Progress) -> None:
    """Say of each photo whose name is taken whether the bytes are the same, as far as it is known; a few are compared
    by `uploads`, None to compare none."""
    if found.unknown:
        progress("looking for what earlier runs have uploaded")
        known = uploaded_by_runs(service)
        for name in found.unknown:
            if (sha256 := known.get(found.there[name])) is not None:
                found.is_same[name] = sha256 == found.kept[name].sha256
    if uploads is None:
        return
    few = found.unknown[: limits.COMPARED_PHOTOS]
    bytes_of_all = accumulate(found.kept[name].n_bytes for name in few)
    few = [name for name, n_bytes in zip(few, bytes_of_all, strict=True) if n_bytes <= limits.COMPARED_BYTES]
    for done, name in enumerate(few):
        progress("comparing photos that are there already", done, len(few))
        answer = uploads.compare(found.there[name], found.kept[name].sha256)
        if isinstance(answer, Compared):
            found.is_same[name] = answer.same


def uploaded_by_runs(service: str, folder: Path = RUNS) -> dict[str, str]:
    """What the runs under a folder know of photos at a service: the SHA-256 of their bytes, by their numbers there."""
    known: dict[str, str] = {}
    disk = Disk()
    with reaching(folder):
        for layout in runs_below(folder, disk):
            try:
                if run.read_identity(layout, disk).service == service:
                    known |= {photo.id: photo.sha256 for photo in run.load(layout, disk).state.stored.values()}
            except (RunDamaged, DiskError):
                continue  # nothing rests on it: whoever goes on with that run is told
    return known
