"""The stored result: read as it was written, readable by a person, strict on everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import entries_of
from tests.hostile.test_files import changed, places

from coralrun.files.stored_result import NotAResult, decode, encode, result_of
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry

SAND, ROCK = (7, "SAND", "Sand"), (None, "rock", "Rock, bare")
POINTS = (
    ScoredPoint(3, 4, (Classification(0.75, *SAND), Classification(1e-07, *ROCK))),
    ScoredPoint(3, 5, (Classification(0.1 + 0.2, *ROCK),)),
)
ENTRIES = (StoredEntry(12, "r.1.1.0", POINTS), StoredEntry(3, "r.1.1.1", (), "not-found"))


def test_a_result_is_read_as_it_was_written() -> None:
    for result in (result_of(ENTRIES, "ab" * 32), result_of((), None)):
        assert decode(encode(result)) == result
    assert entries_of(result_of(ENTRIES, None)) == ENTRIES


def test_each_entry_is_a_line_of_columns_and_each_label_stands_once() -> None:
    first, entry, failed, last = encode(result_of(ENTRIES, None)).splitlines()
    assert json.loads(first + b"]}")["labels"] == [
        {"id": 7, "code": "SAND", "name": "Sand"},
        {"id": None, "code": "rock", "name": "Rock, bare"},
    ]
    assert json.loads(entry.removesuffix(b",")) == {
        "unit": 12,
        "mark": "r.1.1.0",
        "reason": None,
        "rows": [3, 3],
        "columns": [4, 5],
        "labels": [[0, 1], [1]],
        "scores": [[0.75, 1e-07], [0.30000000000000004]],
    }
    assert json.loads(failed)["reason"] == "not-found"
    assert last == b"]}"


DOCUMENT = json.loads(encode(result_of(ENTRIES, "ab" * 32)))


@pytest.mark.parametrize("path", places(DOCUMENT), ids=str)
@pytest.mark.parametrize("new", [None, True, -1, 1.5, 2**31, "x", [], {}, [[9]]], ids=repr)
def test_a_result_with_any_value_replaced_is_read_or_refused(path: tuple[Any, ...], new: object) -> None:
    try:
        decode(json.dumps(changed(DOCUMENT, path, new)).encode())
    except NotAResult as error:
        assert str(error)


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_at_all_are_refused(data: bytes) -> None:
    with pytest.raises(NotAResult):
        decode(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"rows":[3,3]', b'"rows":[3]'),
        (b'"labels":[[0,1],[1]]', b'"labels":[[0,1],[2]]'),
        (b'"labels":[[0,1],[1]]', b'"labels":[[0],[1]]'),
        (b'"labels":[[0,1],[1]]', b'"labels":[[0,-1],[1]]'),
        (b'"reason":null', b'"reason":"x"'),
        (b'"unit":12', b'"unit":12,"more":1'),
        (b'"code":"SAND"', b'"code":"\\ud800"'),
        (b"0.75", b"NaN"),
        (b"SAND", b"\xff"),
    ],
)
def test_what_no_result_says_is_refused(old: bytes, new: bytes) -> None:
    data = encode(result_of(ENTRIES, None))
    assert old in data
    with pytest.raises(NotAResult):
        decode(data.replace(old, new, 1))


def test_a_newer_result_says_so() -> None:
    newer = encode(result_of(ENTRIES, None)).replace(b'"version":1', b'"version":2,"more":[]')
    with pytest.raises(NotAResult, match="newer coralrun"):
        decode(newer)
