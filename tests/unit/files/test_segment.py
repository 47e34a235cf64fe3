"""The points of a result as columns: what follows from it, and nothing that was not written."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from coralrun.files.segment import NO_LABEL, NotASegment, Segment, decode, encode, segment_of
from coralrun.files.stored_result import result_of
from coralrun.limits import TOP_SCORES
from coralrun.values.classified import Classification, Label, ScoredPoint, StoredEntry

SAND, ROCK = Label(7, "SAND", "Sand"), Label(None, "rock", "Rock, bare")
DIGEST = "ab" * 32


def point(row: int, *scores: tuple[float, Label]) -> ScoredPoint:
    return ScoredPoint(row, 9, tuple(Classification(score, of.id, of.code, of.name) for score, of in scores))


ENTRIES = (
    StoredEntry(12, "m.0", (point(1, (0.7, SAND), (0.1 + 0.2, ROCK)), point(2, (1e-07, ROCK)))),
    StoredEntry(12, "m.1", (point(3, (1.0, SAND)),)),
    StoredEntry(5, "m.2", (point(4, (0.5, SAND)),)),
    StoredEntry(5, "m.3", (), "not-found"),
    StoredEntry(3, "m.4", (point(5, (0.25, ROCK)),)),
)


def made(*entries: StoredEntry) -> Segment:
    return segment_of(result_of(entries, None))


def values(segment: Segment) -> list[object]:
    columns = (segment.units, segment.counts, segment.rows, segment.columns, np.nan_to_num(segment.scores, nan=-1.0))
    return [segment.labels, *(column.tolist() for column in columns), segment.places.tolist()]


def test_the_units_of_which_every_entry_succeeded_stand_in_columns() -> None:
    segment = made(*ENTRIES)
    assert (segment.units.tolist(), segment.counts.tolist()) == ([12, 3], [3, 1])
    assert (segment.rows.tolist(), segment.columns.tolist()) == ([1, 2, 3, 5], [9, 9, 9, 9])
    assert segment.labels == (SAND, ROCK)
    assert segment.places[:2].tolist() == [[0, 1, 0, 1], [1, NO_LABEL, NO_LABEL, NO_LABEL]]
    assert segment.scores[0].tolist() == [0.7, 1e-07, 1.0, 0.25]
    assert segment.scores[1, 0] == 0.1 + 0.2
    assert np.isnan(segment.scores[2:]).all()


def test_no_more_than_the_best_scores_of_a_point_are_kept() -> None:
    labels = [Label(number, str(number), "") for number in range(TOP_SCORES + 2)]
    segment = made(StoredEntry(0, "m", (point(1, *((0.1, label) for label in labels)), point(2, (0.2, labels[6])))))
    assert segment.places.T.tolist() == [[0, 1, 2, 3, 4], [6, *[NO_LABEL] * 4]]


@pytest.mark.parametrize("entries", [ENTRIES, ENTRIES[3:4], ()], ids=["some", "none that succeeded", "none"])
def test_a_segment_is_read_as_it_was_written(entries: tuple[StoredEntry, ...]) -> None:
    segment = made(*entries)
    assert values(decode(encode(segment, DIGEST), DIGEST)) == values(segment)


def test_every_flipped_byte_and_every_part_of_a_segment_is_refused() -> None:
    data = encode(made(*ENTRIES), DIGEST)
    for place in range(len(data)):
        for harmed in (data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], data[:place]):
            with pytest.raises(NotASegment):
                decode(harmed, DIGEST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":1', b'"version":2'),
        (b'"points":4', b'"points":9'),
        (b'"points":4', b'"points":3'),
        (b'"units":2', b'"units":-2'),
        (b"ab" * 32, b"ba" * 32),
        (b',[null,"rock","Rock, bare"]', b""),
        (b"coralrun.points", b"\xff"),
    ],
)
def test_a_segment_that_vouches_for_what_does_not_fit_is_refused(old: bytes, new: bytes) -> None:
    body = encode(made(*ENTRIES), DIGEST)[65:]
    assert old in body
    forged = body.replace(old, new)
    with pytest.raises(NotASegment):
        decode(hashlib.sha256(forged).hexdigest().encode() + b"\n" + forged, DIGEST)
