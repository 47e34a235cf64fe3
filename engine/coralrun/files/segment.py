"""The points of one job as columns: a copy of its stored result that is read a hundred times as fast.

Rule: derived. All of it follows from the stored result whose digest it holds, and it vouches for itself by another: a
segment that is missing, damaged or of another result is made again. No segment depends on another: each has its own
table of labels. It holds those units of which every entry succeeded, and the `TOP_SCORES` best scores of each point.

A file is a line with the SHA-256 of all that follows, a line of JSON, and the columns, little-endian, one behind the
other: units, how many points each has, rows, columns (int32); scores (float64) and the places of their labels in the
table (int32), both rank by rank.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from coralrun.files.stored_result import StoredResult
from coralrun.limits import TOP_SCORES
from coralrun.values.classified import Label

FORMAT: Final = "coralrun.points"
VERSION: Final = 1
NO_LABEL: Final = -1
"""The place of a score that is not there; the score is NaN then."""

Whole = NDArray[np.int32]
Numbers = NDArray[np.float64]

_WHOLE: Final = np.dtype("<i4")
_NUMBER: Final = np.dtype("<f8")
_DIGEST_BYTES: Final = 65  # 64 digits and the end of their line
_ALIGNED_BYTES: Final = 8


class NotASegment(Exception):
    """Bytes that are no segment of this result, whatever else they are."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Points of some units, in the order of the job: of unit `units[k]` the next `counts[k]` of each column.

    `scores`, and `places` in the table of `labels`, are `TOP_SCORES` by points.
    """

    labels: tuple[Label, ...]
    units: Whole
    counts: Whole
    rows: Whole
    columns: Whole
    scores: Numbers
    places: Whole


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    result: str
    units: int
    points: int
    labels: list[tuple[int | None, str, str]]


def segment_of(result: StoredResult) -> Segment:
    """The columns of a stored result."""
    failed = {entry.unit for entry in result.entries if entry.reason is not None}
    entries = [entry for entry in result.entries if entry.unit not in failed]
    counts: dict[int, int] = {}
    for entry in entries:
        counts[entry.unit] = counts.get(entry.unit, 0) + len(entry.rows)
    n = sum(counts.values())
    given = np.fromiter(map(len, chain.from_iterable(entry.scores for entry in entries)), np.intp, n)
    total = int(given.sum())
    rank = np.arange(total) - np.repeat(np.cumsum(given) - given, given)
    kept = rank < TOP_SCORES
    where = rank[kept], np.repeat(np.arange(n), given)[kept]
    scores, places = np.full((TOP_SCORES, n), np.nan), np.full((TOP_SCORES, n), NO_LABEL, np.int32)
    every_score = chain.from_iterable(chain.from_iterable(entry.scores for entry in entries))
    every_place = chain.from_iterable(chain.from_iterable(entry.labels for entry in entries))
    scores[where] = np.fromiter(every_score, np.float64, total)[kept]
    places[where] = np.fromiter(every_place, np.int32, total)[kept]
    return Segment(
        labels=tuple(Label(label.id, label.code, label.name) for label in result.labels),
        units=np.fromiter(counts, np.int32, len(counts)),
        counts=np.fromiter(counts.values(), np.int32, len(counts)),
        rows=np.fromiter(chain.from_iterable(entry.rows for entry in entries), np.int32, n),
        columns=np.fromiter(chain.from_iterable(entry.columns for entry in entries), np.int32, n),
        scores=scores,
        places=places,
    )


def encode(segment: Segment, result: str) -> bytes:
    """A segment as it is written; `result` is the SHA-256 of the file of the stored result that it is of."""
    head = msgspec.json.encode(
        _Head(
            format=FORMAT,
            version=VERSION,
            result=result,
            units=len(segment.units),
            points=len(segment.rows),
            labels=[(label.id, label.code, label.name) for label in segment.labels],
        )
    )
    head += b" " * (-(_DIGEST_BYTES + len(head) + 1) % _ALIGNED_BYTES)
    wholes = (segment.units, segment.counts, segment.rows, segment.columns)
    body = b"".join(
        (
            head + b"\n",
            *(column.astype(_WHOLE).tobytes() for column in wholes),
            segment.scores.astype(_NUMBER).tobytes(),
            segment.places.astype(_WHOLE).tobytes(),
        )
    )
    return _digest_line(body) + body


def decode(data: bytes, result: str) -> Segment:
    """The inverse of `encode`; the columns are views of `data`. Raises NotASegment for anything else."""
    if data[:_DIGEST_BYTES] != _digest_line(memoryview(data)[_DIGEST_BYTES:]):
        raise NotASegment("it is not the file that was written")
    end = data.find(b"\n", _DIGEST_BYTES) + 1
    try:
        head = msgspec.json.decode(data[_DIGEST_BYTES:end], type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotASegment(str(error)) from None
    if (head.format, head.version, head.result) != (FORMAT, VERSION, result):
        raise NotASegment("it is of another result, or of another version")
    try:
        segment = _columns(data, end, head)
    except ValueError as error:
        raise NotASegment(str(error)) from None
    fits = int(segment.counts.sum()) == head.points
    if not fits or (head.points and not NO_LABEL <= segment.places.min() <= segment.places.max() < len(head.labels)):
        raise NotASegment("its columns do not fit together")
    return segment


def _digest_line(body: bytes | memoryview) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n"


def _columns(data: bytes, at: int, head: _Head) -> Segment:
    """The columns behind the header; raises ValueError where there is not as much as it says."""

    def whole(count: int) -> Whole:
        nonlocal at
        found = np.frombuffer(data, _WHOLE, count, at)
        at += found.nbytes
        return found

    units, counts = whole(head.units), whole(head.units)
    rows, columns = whole(head.points), whole(head.points)
    scores = np.frombuffer(data, _NUMBER, TOP_SCORES * head.points, at).reshape(TOP_SCORES, head.points)
    at += scores.nbytes
    places = whole(TOP_SCORES * head.points).reshape(TOP_SCORES, head.points)
    return Segment(tuple(Label(*label) for label in head.labels), units, counts, rows, columns, scores, places)
