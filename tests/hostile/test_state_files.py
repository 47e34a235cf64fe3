"""The files that a run is rebuilt from, with any bytes in them, or forged with every checksum right.

Rule: each is read, or refused as damage of the run in plain words; nothing else comes out, and nothing hangs.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile.test_files import IDENTITY, bounded, changed, junk, places, read_or
from tests.unit.states import planned

from coralrun.errors import CoralrunError, RunDamaged
from coralrun.files.sealed import seal
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.codec import encode_fact, encode_state
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size
from coralrun.store import journal, run, snapshot
from coralrun.store.files import Disk
from coralrun.store.journal import Position
from coralrun.store.layout import Layout

AT = "2026-01-01T00:00:00Z"
IMAGES = 4
SIZES = (Size(90, 60), Size(90, 60))
FACTS: tuple[facts.Fact, ...] = (
    planned(IMAGES),
    facts.Opened(AT, "0.1.0"),
    facts.Limited(AT, 5),
    facts.Batched.of(1, (0, 1)),
    facts.Intended.of(AT, 1, 1, 2, "41", ("40", "41"), SIZES),
    facts.Submitted(AT, 1, 1, "42"),
    facts.Collected(AT, 1, 1, "42", "0f" * 32, 1, {}, {1: Reason.DOWNLOAD_BROKEN}),
    facts.Batched.of(2, (2, 1)),
    facts.Intended.of(AT, 2, 1, 2, "42", ("42",), SIZES),
    facts.Refused(AT, 2, 1, RefusedWhy.NO_SLOT),
    facts.Ended(AT, {1: Reason.NO_SIZE}),
    facts.Intended.of(AT, 2, 2, 1, "42", ("42",), SIZES[:1]),
    facts.Submitted(AT, 2, 2, "43", adopted=True),
    facts.GaveUp(AT, 2, 2, "43", Reason.JOB_LOST, {}, {2: Reason.JOB_LOST}),
    facts.Paused(AT, PauseWhy.UNREACHABLE, "away"),
)
LINES, END = journal.encode(FACTS, Position())


def state_after(happened: tuple[facts.Fact, ...]) -> Durable:
    state = Durable()
    for fact in happened:
        apply(state, fact)
    return state


STATE: dict[str, Any] = json.loads(encode_state(state_after(FACTS)))
RECORDS: list[dict[str, Any]] = [json.loads(encode_fact(fact)) for fact in FACTS]
PLACES = [(number, *path) for number, record in enumerate(RECORDS) for path in places(record)]


def loaded(folder: Path, files: dict[str, bytes]) -> run.Loaded | None:
    """What a run directory with these files of state is read as; None where it is damaged, and says so."""
    layout = Layout(folder / "run")
    for old in layout.state.glob("*"):
        old.unlink()
    layout.state.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (layout.state / name).write_bytes(data)
    return read_or(RunDamaged, lambda: run.load(layout, Disk()))


def as_json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="surrogatepass")


def forged_journal(records: list[Any]) -> bytes:
    """A journal that somebody wrote with all checksums right."""
    lines, checksum = b"", 0
    for number, record in enumerate(records, start=1):
        body = as_json(record)
        checksum = zlib.crc32(body, checksum)
        lines += b'{"n":%d,"c":"%08x","f":%s}\n' % (number, checksum, body)
    return lines


def forged_snapshot(state: Any, **other: Any) -> bytes:
    """A snapshot that somebody wrote with its hash right."""
    checksum = f"{END.checksum:08x}"
    head = {"format": "coralrun.snapshot", "version": 1, "n": len(FACTS), "c": checksum, "state": state}
    return seal(as_json({**head, **other}))


def test_what_is_forged_without_a_change_is_what_was_written(tmp_path: Path) -> None:
    assert forged_journal(RECORDS) == LINES
    assert forged_snapshot(STATE) == snapshot.encode(state_after(FACTS), END)
    for files in ({"journal-0.jsonl": LINES}, {f"snapshot-{len(FACTS)}.json": forged_snapshot(STATE)}):
        read = loaded(tmp_path, files)
        assert read is not None
        assert encode_state(read.state) == encode_state(state_after(FACTS))


@bounded
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=len(FACTS)))
def test_any_bytes_behind_whole_records_are_a_torn_line_or_damage(tmp_path: Path, data: bytes, keep: int) -> None:
    kept = b"".join(LINES.splitlines(keepends=True)[:keep])
    read = loaded(tmp_path, {"journal-0.jsonl": kept + data})
    if read is not None:
        assert encode_state(read.state) == encode_state(state_after(FACTS[:keep]))
        assert read.torn == data


@bounded
@given(st.data())
def test_a_journal_with_a_piece_replaced_by_any_bytes_is_cut_short_or_damage(
    tmp_path: Path, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(LINES)))
    last = data.draw(st.integers(first, len(LINES)))
    piece = data.draw(st.binary(max_size=40))
    read = loaded(tmp_path, {"journal-0.jsonl": LINES[:first] + piece + LINES[last:]})
    if read is not None:
        told = encode_state(read.state)
        assert told in [encode_state(state_after(FACTS[:count])) for count in range(len(FACTS) + 1)]


@bounded
@given(st.binary(max_size=300))
def test_any_bytes_are_no_snapshot(tmp_path: Path, data: bytes) -> None:
    assert loaded(tmp_path, {"snapshot-3.json": data, "journal-3.jsonl": b""}) is None


@bounded
@given(st.sampled_from(PLACES), junk)
def test_a_fact_with_one_value_forged_is_taken_or_damage(tmp_path: Path, place: tuple[Any, ...], new: object) -> None:
    number, *path = place
    records = [changed(record, tuple(path), new) if at == number else record for at, record in enumerate(RECORDS)]
    try:
        data = forged_journal(records)
    except ValueError:
        return  # not a number as JSON has them
    read = loaded(tmp_path, {"journal-0.jsonl": data})
    if read is not None:
        assert len(encode_state(read.state)) > 0


@bounded
@given(st.sampled_from(places(STATE)), junk)
def test_a_snapshot_with_one_value_forged_is_taken_or_damage(
    tmp_path: Path, path: tuple[Any, ...], new: object
) -> None:
    try:
        data = forged_snapshot(changed(STATE, path, new))
    except ValueError:
        return  # not a number as JSON has them
    read = loaded(tmp_path, {f"snapshot-{len(FACTS)}.json": data})
    if read is not None:
        assert len(encode_state(read.state)) > 0


@pytest.mark.parametrize("number", [-1, 0, 10**30, "14", "-1", None, [], {}, 14.5, True])
@pytest.mark.parametrize("key", ["n", "c", "version"])
def test_a_snapshot_of_an_odd_number_is_damage_or_the_one_that_its_name_says(
    tmp_path: Path, key: str, number: object
) -> None:
    read = loaded(tmp_path, {f"snapshot-{len(FACTS)}.json": forged_snapshot(STATE, **{key: number})})
    assert read is None or read.position.number == len(FACTS)


def test_a_file_of_zeros_or_of_open_brackets_is_read_in_bounded_time(tmp_path: Path) -> None:
    for data in (bytes(1_000_000), b"[" * 1_000_000, b'{"n":' * 200_000, b"\n" * 1_000_000, b"9" * 1_000_000):
        for name in ("journal-0.jsonl", "snapshot-3.json"):
            read = loaded(tmp_path, {name: data})
            assert read is None or (name == "journal-0.jsonl" and read.state == Durable())


def test_names_that_only_look_like_files_of_state_are_not_read(tmp_path: Path) -> None:
    odd = {"journal-.jsonl": b"x", "snapshot-1e3.json": b"x", "journal-0.jsonl.bak": b"x", "torn-1.txt": b"{"}
    read = loaded(tmp_path, {**odd, "journal-0.jsonl": LINES})
    assert read is not None
    assert read.position == END


@bounded
@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_in_the_middle_of_an_identity_are_damage(tmp_path: Path, data: bytes, at: int) -> None:
    layout, disk = Layout(tmp_path / "whole"), Disk()
    if not run.exists(layout):
        run.make(layout, disk, IDENTITY, {}, planned(IMAGES))
    whole = layout.identity.read_bytes()
    other = tmp_path / "other"
    other.mkdir(exist_ok=True)
    (other / "run.json").write_bytes(whole[:at] + data + whole[at + len(data) :])
    try:
        read = run.read_identity(Layout(other), disk)
    except CoralrunError as error:
        assert error.exit_code == 8
    else:
        assert read == IDENTITY
