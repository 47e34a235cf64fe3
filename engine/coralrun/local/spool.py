"""The jobs of a run on this computer or a cluster: a folder for each, called by the run's own name for the attempt.

Rule: a job is there once its request is, which is written whole, and is over once each entry has its result. What one
of them came to is one file, written once: what is computed a second time is not kept. No address that was signed is
written: of an address all but its query is kept, and where the image is now is asked for again before it is needed.
Each file ends with its digest. What is not as it was written is not there: a damaged result is computed anew, and a job
whose request is damaged is none. Whatever is no job, or half of one, goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from threading import Lock
from typing import Final, Literal

import msgspec
from msgspec import Struct

from coralrun.files.sealed import opened, opened_bytes, seal, seal_bytes
from coralrun.local.tasks import Finished
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point, Size
from coralrun.ports import Entry
from coralrun.store.files import Disk

_JOB: Final = re.compile(r"b[0-9]{5,9}\.a[0-9]{1,9}")
FORMAT: Final = "coralrun.request"
_REQUEST: Final = "request.json"


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
    """The folders of one run's jobs. One may be made while the last other one is released, and the folder that they
    stand in goes with that: in turn, or what is made would have none."""

    folder: Path
    disk: Disk
    _turn: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def sweep(self, wanted: Collection[str], classifier: str) -> None:
        """Remove what is no job of this classifier, and those for which the run will not ask any more. Such a one may
        have been removed before: what a power cut undoes is back.

        Make sure of the others: the process that made one may have died before it was durable that there is one.
        """
        for name in filter(_JOB.fullmatch, self.disk.names(self.folder)):
            request = self.request(name)
            if name not in wanted or request is None or request.classifier != classifier:
                self.release(name)
            else:
                self.keep_request(name, request)

    def jobs(self) -> dict[str, Request]:
        """All jobs, each with what was asked."""
        found = {name: self.request(name) for name in filter(_JOB.fullmatch, self.disk.names(self.folder))}
        return {name: request for name, request in found.items() if request is not None}

    def keep_request(self, job: str, request: Request) -> None:
        """Make a job, durably."""
        assert _JOB.fullmatch(job)  # noqa: S101 - the run's own name
        with self._turn:
            self.disk.make_directory(self.folder / job)
        self.disk.replace(self.folder / job / _REQUEST, seal(msgspec.json.encode(request)))

    def request(self, job: str) -> Request | None:
        """What was asked; None where there is no such job."""
        body = self._read(self.folder / job / _REQUEST, opened)
        try:
            return None if body is None else msgspec.json.decode(body, type=Request)
        except msgspec.MsgspecError:  # of another version
            return None

    def keep_result(self, job: str, entry: int, mark: str, finished: Finished) -> None:
        """Keep what an entry came to, durably."""
        head = msgspec.json.encode(_Head(mark, finished.reason, finished.labels))
        self.disk.replace(self._result(job, entry), seal_bytes(head + b"\n" + finished.scores))

    def results(self, job: str, request: Request) -> Iterator[tuple[int, Kept]]:
        """What each entry of a job that has its result came to, in order; a file that is no result is removed."""
        there = frozenset(self.disk.names(self.folder / job))
        for number, asked in enumerate(request.entries):
            path = self._result(job, number)
            if path.name not in there:
                continue
            data = self._read(path, opened_bytes)
            kept = None if data is None else _kept(asked, data)
            if kept is not None:
                yield number, kept
            else:
                self.disk.remove(path)

    def release(self, job: str) -> None:
        """Remove a job: its request first, without which the rest is none. One that is gone already is fine."""
        self.disk.remove(self.folder / job / _REQUEST)
        self.disk.remove_tree(self.folder / job)
        with self._turn:
            if not self.disk.names(self.folder):
                self.disk.remove_if_empty(self.folder)

    def _read(self, path: Path, opened_as: Callable[[bytes], bytes | None]) -> bytes | None:
        try:
            return opened_as(self.disk.read(path))
        except FileNotFoundError:
            return None

    def _result(self, job: str, entry: int) -> Path:
        return self.folder / job / f"{entry:06d}.scores"


def _kept(asked: Asked, data: bytes) -> Kept | None:
    """A result's file as it is read; None where it is not one of this entry."""
    line, _, scores = data.partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.MsgspecError:  # of another version
        return None
    points = 0 if head.reason is not None else len(asked.points)
    fits = head.mark == asked.mark and len(scores) == points * head.labels * 2
    return Kept(Finished(head.reason, head.labels, scores), data) if fits else None


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
