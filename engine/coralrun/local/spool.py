"""The jobs of a run on this computer or a cluster: a folder for each, called by the run's own name for the attempt.

Rule: a job is there once its request is, which is written whole, and is over once `done` is. What one of its entries
came to is one file, written once: what is computed a second time is not kept. No address that was signed is written:
of an address all but its query is kept, and where the image is now is asked for again before it is needed. Whatever a
process that ended has left half made is no job, and goes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Literal

import msgspec
from msgspec import Struct

from coralrun.errors import RunDamaged
from coralrun.local.tasks import Finished
from coralrun.machine.reasons import Reason
from coralrun.planning.model import Point, Size
from coralrun.ports import Entry
from coralrun.store.files import Disk

_JOB: Final = re.compile(r"b[0-9]{5,9}\.a[0-9]{1,9}")
FORMAT: Final = "coralrun.request"
_REQUEST: Final = "request.json"
_DONE: Final = "done"
_RESULT: Final = re.compile(r"([0-9]{6})\.scores")


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a request, as it is kept; `place`, a path or an address without its query, is for people alone."""

    mark: str
    unit: int
    place: str
    sha256: str | None
    size: Size | None
    points: tuple[Point, ...]


class Request(Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT, forbid_unknown_fields=True):
    """request.json in the folder of a job: what was asked, in its order, by which classifier."""

    version: Literal[1] = 1
    classifier: str
    entries: tuple[Asked, ...]


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of an entry's result; its scores follow, a number of two bytes for each label of each point."""

    mark: str
    reason: Reason | None
    labels: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What an entry came to, as it was written, and as it is read."""

    finished: Finished
    data: bytes


@dataclass(frozen=True, slots=True)
class Spool:
    """The folders of one run's jobs."""

    folder: Path
    disk: Disk

    def sweep(self, ended: Collection[str]) -> None:
        """Remove what is no job, and the jobs of which the run has all it will ever ask for; make sure of the others.

        The process that made a job may have died before it was durable that there is one.
        """
        for name in self.disk.names(self.folder):
            request = self.folder / name / _REQUEST
            if _JOB.fullmatch(name) and (name in ended or not self._has(name)):
                self.release(name)
            elif self._has(name):
                self.disk.replace(request, self.disk.read(request))

    def jobs(self) -> list[str]:
        """The names of all jobs."""
        return [name for name in self.disk.names(self.folder) if self._has(name)]

    def has(self, job: str) -> bool:
        """Whether there is a job of that name."""
        return _JOB.fullmatch(job) is not None and self._has(job)

    def is_done(self, job: str) -> bool:
        """Whether every entry of a job has its result."""
        return (self.folder / job / _DONE).exists()

    def keep_request(self, job: str, request: Request) -> None:
        """Make a job, durably."""
        assert _JOB.fullmatch(job)  # noqa: S101 - the run's own name
        self.disk.make_directory(self.folder / job)
        self.disk.replace(self.folder / job / _REQUEST, msgspec.json.encode(request))

    def request(self, job: str) -> Request:
        """What was asked; raises RunDamaged."""
        path = self.folder / job / _REQUEST
        try:
            return msgspec.json.decode(self.disk.read(path), type=Request)
        except (OSError, msgspec.MsgspecError, RecursionError) as error:
            raise RunDamaged(f"{path}: damaged: {error}") from error

    def kept(self, job: str) -> dict[int, Reason | None]:
        """The entries that have their results, each with the reason for none; raises RunDamaged."""
        found = map(_RESULT.fullmatch, self.disk.names(self.folder / job))
        return {number: self._read(job, number)[0].reason for number in (int(match[1]) for match in found if match)}

    def keep_result(self, job: str, entry: int, mark: str, finished: Finished) -> None:
        """Keep what an entry came to, durably."""
        head = msgspec.json.encode(_Head(mark, finished.reason, finished.labels))
        self.disk.replace(self._result(job, entry), head + b"\n" + finished.scores)

    def keep_done(self, job: str) -> None:
        """Let a job be over: all its results are kept."""
        self.disk.replace(self.folder / job / _DONE, b"")

    def results(self, job: str, request: Request) -> Iterator[Kept]:
        """What each entry of a job came to, in order; raises RunDamaged."""
        for number, asked in enumerate(request.entries):
            head, data = self._read(job, number)
            scores = data.partition(b"\n")[2]
            points = 0 if head.reason is not None else len(asked.points)
            if head.mark != asked.mark or len(scores) != points * head.labels * 2:
                raise RunDamaged(f"{self._result(job, number)}: damaged: it is not the result of this entry")
            yield Kept(Finished(head.reason, head.labels, scores), data)

    def release(self, job: str) -> None:
        """Remove a job: its request first, without which the rest is none. One that is gone already is fine."""
        self.disk.remove(self.folder / job / _REQUEST)
        self.disk.remove_tree(self.folder / job)
        if not self.disk.names(self.folder):
            self.disk.remove_if_empty(self.folder)

    def _has(self, job: str) -> bool:
        return _JOB.fullmatch(job) is not None and (self.folder / job / _REQUEST).exists()

    def _read(self, job: str, entry: int) -> tuple[_Head, bytes]:
        path = self._result(job, entry)
        try:
            data = self.disk.read(path)
            return msgspec.json.decode(data.partition(b"\n")[0], type=_Head), data
        except (OSError, msgspec.MsgspecError, RecursionError) as error:
            raise RunDamaged(f"{path}: damaged: {error}") from error

    def _result(self, job: str, entry: int) -> Path:
        return self.folder / job / f"{entry:06d}.scores"


def request_of(classifier: str, entries: Sequence[Entry]) -> Request:
    """The request of a batch, as it is kept."""
    return Request(classifier=classifier, entries=tuple(map(_asked, entries)))


def _asked(entry: Entry) -> Asked:
    place = entry.place
    text = "" if isinstance(place, bytes) else str(place) if isinstance(place, PurePath) else place.partition("?")[0]
    return Asked(
        mark=entry.mark,
        unit=entry.unit,
        place=text,
        sha256=entry.sha256,
        size=entry.size,
        points=entry.points,
    )
