"""Results and the replies that they were made from come back as they were stored, or not at all."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from tests.answers import entries_of, scored

from coralrun import limits
from coralrun.errors import DiskError, RunDamaged
from coralrun.files import segment, stored_result
from coralrun.files.stored_result import result_of
from coralrun.planning.images import Point
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.classified import StoredEntry
from coralrun.values.ids import sha256_hex

ENTRIES = (StoredEntry(7, "r.42.1.0", scored([Point(1, 2)] * 20)),)
REPLY = b'{"data":[' + b"1," * 200 + b"1]}"


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    layout = Layout(tmp_path)
    for folder in layout.folders():
        Disk().make_directory(folder)
    return BlobStore(layout, Disk())


def test_a_result_and_its_reply_are_read_as_they_were_stored(store: BlobStore) -> None:
    result = store.read(42, 1, store.write(42, 1, ENTRIES, REPLY))
    assert entries_of(result) == ENTRIES
    assert store.reply(42, 1, result) == REPLY
    assert sorted(path.name for path in store.layout.results.iterdir()) == ["b00042.a1.json.gz", "b00042.a1.reply.gz"]


def test_a_result_without_a_reply_is_one_file(store: BlobStore) -> None:
    result = store.read(42, 1, store.write(42, 1, ENTRIES, b""))
    assert (entries_of(result), result.reply) == (ENTRIES, None)
    assert store.reply(42, 1, result) == b""
    assert [path.name for path in store.layout.results.iterdir()] == ["b00042.a1.json.gz"]


def test_the_same_answer_gives_the_same_bytes(store: BlobStore) -> None:
    assert store.write(1, 1, ENTRIES, REPLY) == store.write(2, 1, ENTRIES, REPLY)
    assert store.layout.blob(1, 1).read_bytes() == store.layout.blob(2, 1).read_bytes()


def test_every_flipped_byte_of_a_result_or_a_reply_is_detected(store: BlobStore) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)
    for path in store.layout.results.iterdir():
        packed = path.read_bytes()
        for place in range(len(packed)):
            path.write_bytes(packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :])
            with pytest.raises(RunDamaged, match=rf"{path.name}: .* is not the one that was stored"):
                store.reply(1, 1, store.read(1, 1, digest))
        path.write_bytes(packed)


def test_a_missing_result_or_reply_is_named(store: BlobStore) -> None:
    with pytest.raises(RunDamaged, match="the result of batch 3 is missing"):
        store.read(3, 1, "0" * 64)
    with pytest.raises(RunDamaged, match="the service's reply of batch 3 is missing"):
        store.reply(3, 1, result_of((), "0" * 64))


def test_a_result_that_unpacks_to_more_than_a_service_gives_is_refused(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)
    monkeypatch.setattr(limits, "MAX_RESULT_BYTES", 100)
    with pytest.raises(RunDamaged, match="larger than any"):
        store.read(1, 1, digest)


PACKED = gzip.compress(REPLY, mtime=0)


@pytest.mark.parametrize("packed", [b"not gzip", PACKED[:-9], PACKED], ids=["other", "cut short", "not a result"])
def test_a_file_that_is_no_whole_result_is_refused(store: BlobStore, packed: bytes) -> None:
    store.layout.blob(1, 1).write_bytes(packed)
    with pytest.raises(RunDamaged):
        store.read(1, 1, sha256_hex(packed))


def test_a_failed_write_leaves_the_old_file(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)

    def fails(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coralrun.store.platforms.sync", fails)
    with pytest.raises(DiskError, match="No space left on device"):
        store.write(1, 1, (), REPLY + b" ")
    result = store.read(1, 1, digest)
    assert (entries_of(result), store.reply(1, 1, result)) == (ENTRIES, REPLY)


def test_points_that_are_missing_or_damaged_are_made_again(store: BlobStore) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)
    path = store.layout.segment(1, 1)
    whole = path.read_bytes()
    for harm in (path.unlink, lambda: path.write_bytes(whole[:-1]), lambda: shutil.rmtree(path.parent)):
        harm()
        assert segment.encode(store.points(1, 1, digest), digest) == whole
        assert path.read_bytes() == whole


def test_points_are_read_also_where_nothing_may_be_written(store: BlobStore) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)
    shutil.rmtree(store.layout.points)
    store.layout.points.write_bytes(b"a file where a folder should be")
    assert store.points(1, 1, digest).units.tolist() == [7]


def test_points_that_do_not_follow_from_their_result_are_named(store: BlobStore) -> None:
    digest = store.write(1, 1, ENTRIES, REPLY)
    result = store.read(1, 1, digest)
    store.check_points(1, 1, digest, result)
    path = store.layout.segment(1, 1)
    path.write_bytes(segment.encode(segment.segment_of(stored_result.result_of((), None)), digest))
    with pytest.raises(RunDamaged, match="points of batch 1 are not those of its result"):
        store.check_points(1, 1, digest, result)
    path.unlink()
    store.check_points(1, 1, digest, result)
