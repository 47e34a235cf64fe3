"""The results of a run, compressed, written once: each in the engine's own words, and the service's reply beside it.

Rule: the reply is on disk before the result that holds its digest, and the result before the fact that holds the
result's. Same reply, same bytes (the gzip header holds no time). The points of each result are kept as columns too (see
`segment`), which are all that is read of it: they are not synced, since what is missing or damaged is made again. A
segment is read whole and not mapped into memory: its digest is of every byte, and a mapped file that is cut short kills
whoever reads it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coralrun import limits
from coralrun.errors import DiskError, RunDamaged
from coralrun.files import segment, stored_result
from coralrun.files.segment import NotASegment, Segment, segment_of
from coralrun.files.stored_result import NotAResult, StoredResult
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.classified import StoredEntry
from coralrun.values.ids import sha256_hex


@dataclass(frozen=True, slots=True)
class BlobStore:
    """The results of one run."""

    layout: Layout
    disk: Disk

    def write(self, batch: int, attempt: int, entries: Sequence[StoredEntry], reply: bytes) -> str:
        """Store one result durably, with the reply that it was made from; returns the SHA-256 of the result's file.

        An empty reply is not kept.
        """
        of_reply = self._write(self.layout.reply(batch, attempt), reply) if reply else None
        result = stored_result.result_of(entries, of_reply)
        sha256 = self._write(self.layout.blob(batch, attempt), stored_result.encode(result))
        self._keep(self.layout.segment(batch, attempt), segment.encode(segment_of(result), sha256))
        return sha256

    def read(self, batch: int, attempt: int, sha256: str) -> StoredResult:
        """One result, checked against the digest of its fact; raises RunDamaged."""
        path = self.layout.blob(batch, attempt)
        data = self._read(path, sha256, f"the result of batch {batch}")
        try:
            return stored_result.decode(data)
        except NotAResult as error:
            raise RunDamaged(f"{path}: the result of batch {batch} cannot be read: {error}") from None

    def reply(self, batch: int, attempt: int, result: StoredResult) -> bytes:
        """The reply that a result was made from, checked against the digest in it, empty where none is kept.

        Raises RunDamaged.
        """
        if result.reply is None:
            return b""
        return self._read(self.layout.reply(batch, attempt), result.reply, f"the service's reply of batch {batch}")

    def points(self, batch: int, attempt: int, sha256: str) -> Segment:
        """The points of one result; made again where they are not there, or not whole. Raises RunDamaged."""
        path = self.layout.segment(batch, attempt)
        with suppress(FileNotFoundError, DiskError, NotASegment):
            return segment.decode(self.disk.read(path), sha256)
        found = segment_of(self.read(batch, attempt, sha256))
        self._keep(path, segment.encode(found, sha256))
        return found

    def check_points(self, batch: int, attempt: int, sha256: str, result: StoredResult) -> None:
        """Raise RunDamaged where the points of a result are kept and are not those that follow from it."""
        path = self.layout.segment(batch, attempt)
        with suppress(FileNotFoundError):
            if self.disk.read(path) != segment.encode(segment_of(result), sha256):
                raise RunDamaged(f"{path}: the points of batch {batch} are not those of its result")

    def _keep(self, path: Path, data: bytes) -> None:
        """Keep a segment where that can be: a run may lie where nothing may be written."""
        with suppress(DiskError):
            self.disk.make_directory(path.parent)
            self.disk.note(path, data)

    def _write(self, path: Path, data: bytes) -> str:
        packed = gzip.compress(data, compresslevel=6, mtime=0)
        self.disk.replace(path, packed)
        return sha256_hex(packed)

    def _read(self, path: Path, sha256: str, what: str) -> bytes:
        try:
            packed = self.disk.read(path)
        except FileNotFoundError:
            raise RunDamaged(f"{path}: {what} is missing") from None
        if sha256_hex(packed) != sha256:
            raise RunDamaged(f"{path}: {what} is not the one that was stored")
        try:
            unpacker = zlib.decompressobj(wbits=31)
            data = unpacker.decompress(packed, limits.MAX_RESULT_BYTES)
        except zlib.error as error:
            raise RunDamaged(f"{path}: {error}") from error
        if not unpacker.eof:
            raise RunDamaged(f"{path}: {what} is larger than any that a service gives")
        return data
