"""A job's result as it is stored: JSON that a person can read, in columns, the same whatever service gave it.

Rule: written from the records alone, so that what is derived from results knows no service. Each entry is a line; a
label stands once, in the table of labels, and points name it by its place there. `reply` is the SHA-256 of the file
with the service's own reply, which is kept beside as evidence: so the digest of this file vouches for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Annotated, Any, Final

import msgspec

from coralrun.classified import Classification, ScoredPoint, StoredEntry

FORMAT: Final = "coralrun.result"
VERSION: Final = 1

_Place = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class NotAResult(Exception):
    """Bytes that are no stored result; the message says where, without quoting it."""


class _Head(msgspec.Struct, frozen=True):
    format: str
    version: int


class _Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: int | None
    code: str
    name: str


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    unit: _Place
    mark: str
    reason: str | None
    rows: list[_Place]
    columns: list[_Place]
    labels: list[list[_Place]]
    scores: list[list[float]]


class _Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    reply: str | None
    labels: list[_Label]
    entries: list[_Entry]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A stored result: its entries in the order asked, and the digest of the reply's file, None where none is kept."""

    entries: tuple[StoredEntry, ...]
    reply: str | None


def encode(entries: Sequence[StoredEntry], reply: str | None) -> bytes:
    """A result as it is stored; the same records give the same bytes."""
    places: dict[tuple[int | None, str, str], int] = {}
    lines = b",\n".join([msgspec.json.encode(_entry_of(entry, places)) for entry in entries])
    labels = list(starmap(_Label, places))
    head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "reply": reply, "labels": labels}
    return msgspec.json.encode(head).removesuffix(b"}") + b',"entries":[\n' + lines + b"\n]}\n"


def decode(data: bytes) -> StoredResult:
    """The inverse of `encode`; raises NotAResult for anything else."""
    result = _read(data)
    labels = [(label.id, label.code, label.name) for label in result.labels]
    try:
        return StoredResult(tuple(_stored(entry, labels) for entry in result.entries), result.reply)
    except (IndexError, ValueError):
        raise NotAResult("columns of different lengths, or a label that is not in the table") from None


def _read(data: bytes) -> _Result:
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format == FORMAT and head.version == VERSION:
            return msgspec.json.decode(data, type=_Result)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAResult(str(error)) from None
    newer = head.format == FORMAT and head.version > VERSION
    raise NotAResult("written by a newer coralrun: upgrade to read it" if newer else "another format")


def _entry_of(entry: StoredEntry, places: dict[tuple[int | None, str, str], int]) -> _Entry:
    return _Entry(
        unit=entry.unit,
        mark=entry.mark,
        reason=entry.reason,
        rows=[point.row for point in entry.points],
        columns=[point.column for point in entry.points],
        labels=[
            [places.setdefault(found[1:], len(places)) for found in point.classifications] for point in entry.points
        ],
        scores=[[found.score for found in point.classifications] for point in entry.points],
    )


def _stored(entry: _Entry, labels: Sequence[tuple[int | None, str, str]]) -> StoredEntry:
    points = tuple(
        ScoredPoint(row, column, tuple(_classifications(places, scores, labels)))
        for row, column, places, scores in zip(entry.rows, entry.columns, entry.labels, entry.scores, strict=True)
    )
    return StoredEntry(entry.unit, entry.mark, points, entry.reason)


def _classifications(
    places: Iterable[int], scores: Iterable[float], labels: Sequence[tuple[int | None, str, str]]
) -> Iterable[Classification]:
    for place, score in zip(places, scores, strict=True):
        yield Classification(score, *labels[place])
