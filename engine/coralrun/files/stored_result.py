"""A job's result as it is stored: JSON that a person can read, in columns, the same whatever service gave it.

Rule: made of the records alone, so that what is derived from results knows no service. Each entry is a line; a label
stands once, in the table of labels, and points name it by its place there. The types below are the format: what they
do not allow is not read, and schemas/result.v1.json is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import DecodeError, Meta, Struct, json

from coralrun.values.classified import StoredEntry

FORMAT: Final = "coralrun.result"
VERSION: Final = 1

Whole = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="The SHA-256 of the file with the service's reply.")]
Place = Annotated[int, Meta(ge=0, le=2**31 - 1, description="A label's place in the table of labels, from 0.")]


class NotAResult(Exception):
    """Bytes that are no stored result; the message says where, without quoting it."""


class StoredLabel(Struct, frozen=True, forbid_unknown_fields=True):
    """A label that is among the scores; the id is null where the service numbers none."""

    id: int | None
    code: str
    name: str


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the batch: its unit of work and its mark, and in each list a place for each of its points.

    Where `reason` is not null but a word for why it failed, the lists are empty. The scores of a point stand best
    first, and their labels in the same order.
    """

    unit: Whole
    mark: str
    reason: str | None
    rows: list[Whole]
    columns: list[Whole]
    labels: list[list[Place]]
    scores: list[list[float]]


class StoredResult(Struct, frozen=True, forbid_unknown_fields=True):
    """results/bN.aN.json.gz, unpacked: what a job said of its batch, part by part in the order asked.

    `reply` is the digest of the service's own reply, which stands beside as bN.aN.reply.gz; null where none is kept.
    """

    format: Literal["coralrun.result"]
    version: Literal[1]
    reply: Digest | None
    labels: list[StoredLabel]
    entries: list[Columns]


class _Head(Struct, frozen=True):
    format: str
    version: int


def result_of(entries: Sequence[StoredEntry], reply: str | None) -> StoredResult:
    """The stored result of some entries; the same records give the same result."""
    places: dict[tuple[int | None, str, str], int] = {}
    columns = [_columns(entry, places) for entry in entries]
    return StoredResult(FORMAT, VERSION, reply, [StoredLabel(*label) for label in places], columns)


def encode(result: StoredResult) -> bytes:
    """A result as it is written."""
    head = json.encode({name: getattr(result, name) for name in ("format", "version", "reply", "labels")})
    lines = b",\n".join(json.encode(entry) for entry in result.entries)
    return head.removesuffix(b"}") + b',"entries":[\n' + lines + b"\n]}\n"


def decode(data: bytes) -> StoredResult:
    """The inverse of `encode`; raises NotAResult for anything else."""
    try:
        head = json.decode(data, type=_Head)
        if head.format == FORMAT and head.version > VERSION:
            raise NotAResult("written by a newer coralrun: upgrade to read it")
        result = json.decode(data, type=StoredResult)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAResult(str(error)) from None
    for entry in result.entries:
        _check(entry, len(result.labels))
    return result


def _columns(entry: StoredEntry, places: dict[tuple[int | None, str, str], int]) -> Columns:
    return Columns(
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


def _check(entry: Columns, labels: int) -> None:
    given = [len(scores) for scores in entry.scores]
    whole = len(entry.rows) == len(entry.columns) == len(given) and [len(places) for places in entry.labels] == given
    if not whole or (entry.reason is not None and given):
        raise NotAResult("the columns of an entry do not fit together")
    if any([place >= labels for places in entry.labels for place in places]):  # noqa: C419 - half the time
        raise NotAResult("a label is not in the table")
