"""Results as the service gave them, compressed, written once.

Rule: a blob is on disk before the fact that names it. Same reply, same bytes (the gzip header holds no time).
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

from coralrun import limits
from coralrun.errors import RunDamaged
from coralrun.ids import sha256_hex
from coralrun.store.files import Disk
from coralrun.store.layout import Layout


@dataclass(frozen=True, slots=True)
class BlobStore:
    """The results of one run."""

    layout: Layout
    disk: Disk

    def write(self, batch: int, attempt: int, blob: bytes) -> str:
        """Store one result durably; returns the SHA-256 of the stored file."""
        packed = gzip.compress(blob, compresslevel=6, mtime=0)
        self.disk.replace(self.layout.blob(batch, attempt), packed)
        return sha256_hex(packed)

    def read(self, batch: int, attempt: int, sha256: str) -> bytes:
        """One result, checked against the digest of its fact; raises RunDamaged."""
        path = self.layout.blob(batch, attempt)
        try:
            packed = self.disk.read(path)
        except FileNotFoundError:
            raise RunDamaged(f"{path}: the result of batch {batch} is missing") from None
        if sha256_hex(packed) != sha256:
            raise RunDamaged(f"{path}: the result of batch {batch} is not the one that was stored")
        try:
            unpacker = zlib.decompressobj(wbits=31)
            blob = unpacker.decompress(packed, limits.MAX_RESULT_BYTES)
        except zlib.error as error:
            raise RunDamaged(f"{path}: {error}") from error
        if not unpacker.eof:
            raise RunDamaged(f"{path}: the result is larger than any that the service gives")
        return blob
