"""What is kept of a job is what was written, or it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from coralrun.files.sealed import seal, seal_bytes
from coralrun.local.spool import Spool, request_of
from coralrun.local.tasks import Finished
from coralrun.planning.images import Point
from coralrun.ports import Entry
from coralrun.store.files import Disk

JOB = "b00001.a1"
REQUEST = request_of("reef (0123456789ab)", [Entry("r.1.1.0", Path("a.jpg"), (Point(1, 2),))])
FINISHED = Finished(None, 2, b"\1\2\3\4")


def harmed(data: bytes) -> Iterator[bytes]:
    """A file with one bit flipped, of each of its bytes in turn; and cut short, longer and empty."""
    yield from (data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in range(len(data)))
    yield from (data[:-2], data + b"0", b"")


def kept(folder: Path) -> Spool:
    spool = Spool(folder, Disk())
    spool.keep_request(JOB, REQUEST)
    spool.keep_result(JOB, 0, "r.1.1.0", FINISHED)
    return spool


def test_a_request_with_any_bit_flipped_is_none_and_goes(tmp_path: Path) -> None:
    spool, path = kept(tmp_path), tmp_path / JOB / "request.json"
    assert spool.request(JOB) == REQUEST
    newer = seal(msgspec.json.encode(REQUEST).replace(b'"version":1', b'"version":2'))
    for data in (*harmed(path.read_bytes()), newer):
        path.write_bytes(data)
        assert spool.request(JOB) is None
    spool.sweep([JOB], REQUEST.classifier)
    assert not path.parent.exists()


def test_a_result_with_any_bit_flipped_is_none_and_goes(tmp_path: Path) -> None:
    spool, path = kept(tmp_path), tmp_path / JOB / "000000.scores"
    ((_, result),) = spool.results(JOB, REQUEST)
    assert result.finished == FINISHED
    another = seal_bytes(result.data.replace(b"r.1.1.0", b"r.1.1.1"))
    for data in (*harmed(path.read_bytes()), another, seal_bytes(b"{}\n"), seal_bytes(result.data[:-2])):
        path.write_bytes(data)
        assert list(spool.results(JOB, REQUEST)) == []
        assert not path.exists()


def test_a_job_of_another_classifier_goes(tmp_path: Path) -> None:
    spool = kept(tmp_path)
    spool.sweep([JOB], "reef (ba9876543210)")
    assert spool.jobs() == {}
