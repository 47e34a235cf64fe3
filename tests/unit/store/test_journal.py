"""The journal and the snapshot: a torn end is set aside, any other damage is named, and no flipped byte goes unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.unit.states import state_of

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size
from coralrun.store import journal, snapshot
from coralrun.store.journal import Position

AT = "2026-01-01T00:00:00Z"
HAPPENED: tuple[facts.Fact, ...] = (
    facts.Opened(AT, "1"),
    facts.Limited(AT, 2),
    facts.Batched.of(1, (0, 1)),
    facts.Intended.of(AT, 1, 1, 2, "6", ("5",), (Size(10, 8), Size(10, 8))),
    facts.Submitted(AT, 1, 1, "7"),
    facts.Collected(AT, 1, 1, "7", "a" * 64, 1, {1: Reason.NOT_FOUND}),
)


def written() -> bytes:
    return journal.encode(HAPPENED, Position())[0]


def decode(data: bytes) -> journal.Read:
    return journal.decode(data, after=Position(), name="journal-0.jsonl")


def state_after(happened: tuple[facts.Fact, ...]) -> Durable:
    state = state_of(3)
    for fact in happened:
        apply(state, fact)
    return state


def flips(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every single bit of every byte, turned over."""
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            yield place, bytes(flipped)


def test_a_line_is_the_number_the_checksum_and_the_fact() -> None:
    assert written().splitlines()[1] == (
        b'{"n":2,"c":"35c0edfb","f":{"t":"limits","at":"2026-01-01T00:00:00Z","max_active":2}}'
    )


def test_what_is_appended_in_parts_is_what_is_appended_at_once() -> None:
    data, position = b"", Position()
    for fact in HAPPENED:
        line, position = journal.encode([fact], position)
        data += line
    assert data == written()
    assert position == decode(data).end


@pytest.mark.parametrize("kept", [1, 20, 40, 80])
def test_a_torn_last_line_is_set_aside_and_what_stood_before_it_stands(kept: int) -> None:
    lines = written().splitlines(keepends=True)
    torn = lines[-1][:kept]
    read = decode(b"".join(lines[:-1]) + torn)
    assert read.facts == HAPPENED[:-1]
    assert read.torn == torn
    assert read.good_bytes == sum(map(len, lines[:-1]))
    assert read.end.number == len(HAPPENED) - 1


def test_a_last_line_that_lacks_nothing_but_its_newline_was_never_confirmed() -> None:
    read = decode(written()[:-1])
    assert read.facts == HAPPENED[:-1]


def test_a_last_line_that_ends_in_zeros_is_torn() -> None:
    assert decode(written()[:-1] + b"\0").facts == HAPPENED[:-1]
    assert decode(written()[:-30] + b"\0" * 30).facts == HAPPENED[:-1]


@pytest.mark.parametrize("line", range(1, len(HAPPENED)))
def test_damage_anywhere_else_is_named_by_file_and_line(line: int) -> None:
    lines = written().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"t":', b'"T":')
    with pytest.raises(RunDamaged, match=re.escape(f"journal-0.jsonl:{line}: ")):
        decode(b"".join(lines))


@pytest.mark.parametrize("lost", range(len(HAPPENED) - 1))
def test_a_line_that_is_missing_is_noticed_at_the_next_one(lost: int) -> None:
    lines = written().splitlines(keepends=True)
    del lines[lost]
    with pytest.raises(RunDamaged, match=f"journal-0.jsonl:{lost + 1}: record {lost + 1} is missing"):
        decode(b"".join(lines))


def test_a_line_of_another_journal_is_noticed_though_it_is_whole() -> None:
    lines = written().splitlines(keepends=True)
    other, _ = journal.encode((facts.Opened(AT, "2"), facts.Limited(AT, 2)), Position())
    lines[1] = other.splitlines(keepends=True)[1]
    with pytest.raises(RunDamaged, match=r"journal-0.jsonl:2: the checksum does not fit"):
        decode(b"".join(lines))


@pytest.mark.parametrize("line", [b"", b"7", b"[]", b"{}", b'{"n":1,"c":"0"}', b"\xff", b"[" * 5000, b'{"n":1e999}'])
def test_a_line_that_is_no_record_is_damage(line: bytes) -> None:
    with pytest.raises(RunDamaged, match=r"journal-0.jsonl:1: "):
        decode(line + b"\n")


def test_a_line_without_end_is_damage_and_is_not_read_into_records() -> None:
    line = b'{"n":1,"c":"00000000","f":"' + b"x" * journal.MOST_LINE_BYTES + b'"}'
    with pytest.raises(RunDamaged, match=r"journal-0.jsonl:1: a line that is too long"):
        decode(line + b"\n")


def test_every_flipped_bit_of_a_journal_is_detected() -> None:
    data = written()
    for place, flipped in flips(data):
        with pytest.raises(RunDamaged, match=r"journal-0\.jsonl:\d+: "):
            decode(flipped)
            pytest.fail(f"the flip at byte {place} was not noticed")


def test_every_flipped_bit_of_a_torn_journal_is_detected_or_harmless() -> None:
    data = written()[:-20]
    for _, flipped in flips(data):
        try:
            assert decode(flipped).facts == HAPPENED[:-1]
        except RunDamaged:
            continue


def test_every_flipped_bit_of_a_snapshot_is_detected() -> None:
    state = state_after(HAPPENED)
    data = snapshot.encode(state, Position(6, 0xABC))
    assert snapshot.decode(data, name="snapshot-6.json") == (state, Position(6, 0xABC))
    for place, flipped in flips(data):
        with pytest.raises(RunDamaged, match=r"snapshot-6\.json: "):
            snapshot.decode(flipped, name="snapshot-6.json")
            pytest.fail(f"the flip at byte {place} was not noticed")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"[" * 5000, b'{"sha256":1}', b"\xff"])
def test_what_is_no_snapshot_is_damage(data: bytes) -> None:
    with pytest.raises(RunDamaged, match=r"snapshot-6\.json: "):
        snapshot.decode(data, name="snapshot-6.json")


def test_a_snapshot_of_a_newer_version_is_refused_by_name() -> None:
    data = snapshot.encode(state_after(()), Position()).replace(b'"version":1', b'"version":2')
    with pytest.raises(RunDamaged, match="written by a newer coralrun"):
        snapshot.decode(data, name="snapshot-6.json")
