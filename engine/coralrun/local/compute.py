"""What a survey says of how its photos are computed: by which classifier, and where.

Rule: pure. Either this computer, with so many workers of so much memory, or a Dask cluster that is there already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coralrun.service.terms import Options

FOLDER: Final = "classifier.folder"
WORKERS: Final = "compute.workers"
MEMORY: Final = "compute.memory"
SCHEDULER: Final = "compute.scheduler"
SCHEDULER_FILE: Final = "compute.scheduler_file"
PHOTOS: Final = "compute.photos"
SENT: Final = "sent"
TLS: Final = "tls://"


@dataclass(frozen=True, slots=True)
class Compute:
    """Where photos are computed.

    `workers` and `memory` (such as 2GB, of each) are of this computer, None for as many as it has cores and what it has
    for each; the others of a cluster. With `sends` photos are sent to the workers, which do not see their folder.
    """

    workers: int | None = None
    memory: str | None = None
    scheduler: str | None = None
    scheduler_file: str | None = None
    sends: bool = False

    @property
    def is_own(self) -> bool:
        """Whether this computer computes, by workers that coralrun starts."""
        return self.scheduler is None and self.scheduler_file is None


def compute_of(options: Options) -> Compute:
    """What a survey's own keys say."""
    workers = options.get(WORKERS)
    return Compute(
        workers=None if workers is None else int(workers),
        memory=_text(options, MEMORY),
        scheduler=_text(options, SCHEDULER),
        scheduler_file=_text(options, SCHEDULER_FILE),
        sends=options.get(PHOTOS) == SENT,
    )


def jobs_for(threads: int) -> int:
    """As many batches as keep so many workers busy however small they are: one for each, and one to follow."""
    return threads + 1


def _text(options: Options, key: str) -> str | None:
    found = options.get(key)
    return None if found is None else str(found)
