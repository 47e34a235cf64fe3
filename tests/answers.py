"""Answers of a service that knows sand alone, and stored results as the records that they were made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coralrun.files.segment import segment_of
from coralrun.files.stored_result import Columns, StoredResult, result_of
from coralrun.planning.images import Point
from coralrun.results.stored_points import Block
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry

SAND = Classification(1.0, 1, "SAND", "Sand")


def scored(points: Iterable[Point]) -> tuple[ScoredPoint, ...]:
    """The points with their only score."""
    return tuple(ScoredPoint(row, column, (SAND,)) for row, column in points)


def places_of(entry: Columns) -> tuple[Point, ...]:
    """Where the points of an entry of a stored result are."""
    return tuple(map(Point, entry.rows, entry.columns))


def entries_of(result: StoredResult) -> tuple[StoredEntry, ...]:
    """The records that a stored result was made of."""

    def points(entry: Columns) -> Iterator[ScoredPoint]:
        for place, labels, scores in zip(places_of(entry), entry.labels, entry.scores, strict=True):
            found = (result.labels[label] for label in labels)
            given = zip(scores, found, strict=True)
            yield ScoredPoint(*place, tuple(Classification(score, of.id, of.code, of.name) for score, of in given))

    return tuple(StoredEntry(entry.unit, entry.mark, tuple(points(entry)), entry.reason) for entry in result.entries)


def blocks_of(found: Iterable[tuple[int, tuple[ScoredPoint, ...]]]) -> tuple[Block]:
    """These points of images, as they are read back."""
    made = segment_of(result_of([StoredEntry(image, "", points) for image, points in found], None))
    return (Block(made.labels, made.units, made.counts, made.rows, made.columns, made.scores, made.places),)
