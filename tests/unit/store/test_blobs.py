"""Results come back as they were stored, or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from coralrun import limits
from coralrun.errors import DiskError, RunDamaged
from coralrun.ids import sha256_hex
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

BLOB = b'{"data":[' + b"1," * 200 + b"1]}"


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    layout = Layout(tmp_path)
    Disk().make_directory(layout.results)
    return BlobStore(layout, Disk())


def test_a_result_is_read_as_it_was_stored(store: BlobStore) -> None:
    digest = store.write(42, 1, BLOB)
    assert store.read(42, 1, digest) == BLOB
    assert store.layout.blob(42, 1).name == "b00042.a1.json.gz"


def test_the_same_reply_gives_the_same_bytes(store: BlobStore) -> None:
    assert store.write(1, 1, BLOB) == store.write(2, 1, BLOB)
    assert store.layout.blob(1, 1).read_bytes() == store.layout.blob(2, 1).read_bytes()


def test_every_flipped_byte_of_a_result_is_detected(store: BlobStore) -> None:
    digest = store.write(1, 1, BLOB)
    path = store.layout.blob(1, 1)
    packed = path.read_bytes()
    for place in range(len(packed)):
        path.write_bytes(packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :])
        with pytest.raises(RunDamaged, match=r"b00001\.a1\.json\.gz: .* is not the one that was stored"):
            store.read(1, 1, digest)


def test_a_missing_result_is_named(store: BlobStore) -> None:
    with pytest.raises(RunDamaged, match="the result of batch 3 is missing"):
        store.read(3, 1, "0" * 64)


def test_a_result_that_unpacks_to_more_than_the_service_gives_is_refused(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.write(1, 1, BLOB)
    monkeypatch.setattr(limits, "MAX_RESULT_BYTES", 100)
    with pytest.raises(RunDamaged, match="larger than any"):
        store.read(1, 1, digest)


def test_a_result_that_is_no_gzip_or_only_a_part_of_one_is_refused(store: BlobStore) -> None:
    for packed in (b"not gzip", gzip.compress(BLOB)[:-9]):
        store.layout.blob(1, 1).write_bytes(packed)
        with pytest.raises(RunDamaged):
            store.read(1, 1, sha256_hex(packed))


def test_a_failed_write_leaves_the_old_file(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = store.write(1, 1, BLOB)

    def fails(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coralrun.store.files._sync", fails)
    with pytest.raises(DiskError, match="No space left on device"):
        store.write(1, 1, BLOB + b" ")
    assert store.read(1, 1, digest) == BLOB
