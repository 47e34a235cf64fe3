"""Deliberate breakages of classification on computers of one's own: each is a rule taken away.

Rule: as in `sabotage`, whose list they are added to.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from unittest.mock import patch

from msgspec import structs

from coralrun import perform
from coralrun.local import service, spool, whereabouts
from coralrun.local.service import LocalService
from coralrun.local.spool import Spool
from coralrun.local.tasks import Came, Finished
from coralrun.machine.reasons import Reason
from coralrun.store.files import Disk

from .breakage import Sabotage
from .local_cluster import stem_of

_asked = spool._asked
_keep = LocalService._keep
_again = LocalService._again


def _counted_twice(self: LocalService, key: str, came: Came) -> None:
    """What came back is kept whether or not it came before."""
    part = self._under_way.get(key)
    job = None if part is None else self._jobs.get(part.job)
    if part is not None and job is not None and isinstance(came, Finished):
        self._finished.append((part, came))
    else:
        _keep(self, key, came)


def _taken_by_its_photo(self: LocalService, key: str, came: Came) -> None:
    """An answer is taken for the photo that it is of, whoever asked for it."""
    stem = stem_of(key)
    _keep(self, next((mine for mine in self._under_way if stem_of(mine) == stem), key), came)


def _counted_before_kept(self: LocalService, key: str, came: Came) -> None:
    """A photo is said to be done when its answer came, whatever may become of that yet."""
    part = self._under_way.get(key)
    if part is not None and part.job in self._jobs:
        self._jobs[part.job].ok += 1
    _keep(self, key, came)


def _unsynced(self: Spool, job: str, entry: int, mark: str, finished: Finished) -> None:
    with patch.object(Disk, "replace", Disk.note):
        _keep_result(self, job, entry, mark, finished)


_keep_result = Spool.keep_result
_keep_request = Spool.keep_request


def _unsynced_request(self: Spool, job: str, request: Any) -> None:
    with patch.object(Disk, "replace", Disk.note):
        _keep_request(self, job, request)


def _sent_when_lost(self: LocalService, part: Any) -> None:
    """A photo whose answer was lost is sent anew, and one that workers died of is not tried alone."""
    _again(self, replace(part, deaths=0))


def _whole_place(entry: Any) -> Any:
    """An address is kept as it was signed."""
    place = str(entry.place) if isinstance(entry.place, str | PurePath) else ""
    return structs.replace(_asked(entry), place=place)


def _without(name: str, then: Any = None) -> AbstractContextManager[Any]:
    return patch.object(LocalService, name, then)


LOCAL_SABOTAGES: tuple[Sabotage, ...] = (
    Sabotage(
        "a result that is damaged is taken for whole",
        lambda: patch.object(spool, "opened_bytes", lambda data: data[:-32]),
        181,
        "has other scores",
    ),
    Sabotage(
        "a request that is damaged is taken for whole",
        lambda: patch.object(spool, "opened", lambda data: data.rpartition(b',"sha256"')[0] + b"}"),
        181,
        "and ended as changed",
    ),
    Sabotage("a result that comes twice is kept twice", lambda: _without("_keep", _counted_twice), 37, "is kept twice"),
    Sabotage(
        "a photo is said to be done before its result is kept",
        lambda: _without("_keep", _counted_before_kept),
        13,
        "are said to be done",
    ),
    Sabotage(
        "a folder is used again for the next batch",
        lambda: patch.object(perform, "attempt_name", lambda batch, attempt: "b00001.a1"),
        5,
        "it holds another batch of this name",
    ),
    Sabotage(
        "a key is shared by all who ask for a photo",
        lambda: patch.object(service, "key_of", lambda mark, job, entry, sending: f"0123456789.{job}.{entry}-"),
        13,
        "has other scores",
    ),
    Sabotage(
        "an answer to a former process is taken",
        lambda: _without("_keep", _taken_by_its_photo),
        165,
        "has other scores",
    ),
    Sabotage(
        "a result that is kept is not synced",
        lambda: patch.object(Spool, "keep_result", _unsynced),
        5,
        "results that were kept are gone",
    ),
    Sabotage(
        "a job that is taken is not synced",
        lambda: patch.object(Spool, "keep_request", _unsynced_request),
        5,
        "jobs that were accepted are gone",
    ),
    Sabotage(
        "what was kept is computed again after a restart",
        lambda: patch.object(Spool, "results", lambda self, job, request: ()),
        21,
        "after it was kept",
    ),
    Sabotage(
        "a photo beside one that kills is blamed with it",
        lambda: patch.object(service, "ALONE_AFTER", 0),
        253,
        "and ended as worker-died",
    ),
    Sabotage(
        "a photo that workers die of is never blamed",
        lambda: _without("_again", _sent_when_lost),
        37,
        "again and again",
    ),
    Sabotage(
        "an address is kept as it was signed", lambda: patch.object(spool, "_asked", _whole_place), 5, "a secret stands"
    ),
    Sabotage(
        "a job that is not needed any more is left where it is",
        lambda: patch.object(Spool, "release", lambda self, job: None),
        5,
        "left of the jobs",
    ),
    Sabotage(
        "a folder that is away is taken for one without its photos",
        lambda: patch.object(whereabouts, "_read", lambda path, unit, home: Reason.NOT_FOUND),
        5,
        "ended as not-found",
    ),
    Sabotage(
        "a job stands still while nobody computes",
        lambda: _without("_trouble", lambda self: None),
        357,
        "were given up",
    ),
)
