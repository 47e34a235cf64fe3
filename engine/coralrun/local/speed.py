"""How long a point takes, by the runs that were before: kept in the user's cache, for plans.

Rule: a speed is of one extractor on one set of workers, this computer's or a cluster's. It is an estimate and nothing
else: what is not there, or cannot be read, is what one takes as a rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from coralrun.files.field_types import Positive, PositiveNumber
from coralrun.local.compute import Compute
from coralrun.service.limits import Speed
from coralrun.store.cache import CacheFolder
from coralrun.values.ids import digest_of

LEAST_POINTS: Final = 1_000
"""Of a run that tells: some 10 s of work, of which a worker's first look at the model is a tenth."""

_MOST_BYTES: Final = 1_000_000
_FOLDER: Final = "speeds"


class Worked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What workers have computed: a point's seconds on one of them, of so many points, and how many they are."""

    point_s: PositiveNumber
    points: Positive
    workers: Positive


def speed_of(extractor: str, compute: Compute, cache: Path) -> Speed | None:
    """How fast an extractor, by its SHA-256, was there; None where that is not known."""
    try:
        worked = msgspec.json.decode(_folder(cache).get(_name(extractor, compute)) or b"", type=Worked)
    except msgspec.MsgspecError:
        return None
    at_once = compute.workers or worked.workers
    return Speed(worked.point_s, at_once, f"as {worked.points:,} points took in an earlier run")


def keep_speed(extractor: str, compute: Compute, cache: Path, worked: Worked) -> None:
    """Keep what a run took, if it tells."""
    if worked.points >= LEAST_POINTS:
        folder = _folder(cache)
        folder.keep(_name(extractor, compute), msgspec.json.encode(worked))
        folder.trim()


def _folder(cache: Path) -> CacheFolder:
    return CacheFolder(cache / _FOLDER, _MOST_BYTES)


def _name(extractor: str, compute: Compute) -> str:
    return digest_of([extractor, compute.scheduler, compute.scheduler_file])
