"""What a run has sent into a source: a file for each batch, called by the run's own name for the attempt.

Rule: a file is written, whole, once CoralNet has said that it took the points; so a batch whose file is there is there.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import msgspec
from msgspec import Struct

from coralrun.errors import RunDamaged
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.store.files import Disk

FORMAT: Final = "coralrun.sent-points"
_JOB: Final = re.compile(r"b([0-9]{5,9})\.a([0-9]{1,9})")
_ENDING: Final = ".json"


class SentPhoto(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A photo of a batch: its id and name at the source, and its points in their order. Where `reason` says why, none
    were sent."""

    mark: str
    image: int
    name: str
    points: tuple[Point, ...]
    reason: Reason | None = None


class SentPoints(Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT, forbid_unknown_fields=True):
    """A batch, in its order."""

    version: Literal[1] = 1
    source: int
    photos: tuple[SentPhoto, ...]


@dataclass(frozen=True, slots=True)
class SentFolder:
    """The files of one run. A batch may be kept while the last other one is released, and the folder goes with that:
    in turn, or what is kept would have none."""

    folder: Path
    disk: Disk
    _turn: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def sweep(self, wanted: Collection[str]) -> None:
        """Remove the batches for which the run will not ask any more."""
        for job in self.jobs():
            if job not in wanted:
                self.release(job)

    def jobs(self) -> list[str]:
        """The batches that were sent, in their order."""
        names = (name.removesuffix(_ENDING) for name in self.disk.names(self.folder) if name.endswith(_ENDING))
        return sorted((name for name in names if _JOB.fullmatch(name)), key=order_of)

    def keep(self, job: str, sent: SentPoints) -> None:
        """Write down a batch, durably."""
        with self._turn:
            self.disk.make_directory(self.folder)
            self.disk.replace(self._path(job), msgspec.json.encode(sent))

    def read(self, job: str) -> SentPoints:
        """What was sent; raises RunDamaged."""
        path = self._path(job)
        try:
            return msgspec.json.decode(self.disk.read(path), type=SentPoints)
        except (OSError, msgspec.MsgspecError, RecursionError) as error:
            raise RunDamaged(f"{path}: damaged: {error}") from error

    def release(self, job: str) -> None:
        """Remove a batch; one that is gone already is fine."""
        with self._turn:
            self.disk.remove(self._path(job))
            if not self.disk.names(self.folder):
                self.disk.remove_if_empty(self.folder)

    def _path(self, job: str) -> Path:
        assert _JOB.fullmatch(job)  # noqa: S101 - the run's own name
        return self.folder / f"{job}{_ENDING}"


def order_of(job: str) -> tuple[int, int]:
    """Where a batch stands among others; before all for what is no name of one."""
    found = _JOB.fullmatch(job)
    return (0, 0) if found is None else (int(found[1]), int(found[2]))
