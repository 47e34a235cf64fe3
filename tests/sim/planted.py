"""Secrets planted in a world, and the search for them in every byte that it leaves behind and every text that it tells.

Rule: whatever is secret (R6) is planted before it can be used: the password, every token, the signature of every URL
that a service issues. The files are searched at every death and at the end, results without their compression; the
texts are those that a person would read: facts in words, waits, errors.
"""

from __future__ import annotations

import zlib

from .disk import SimDisk
from .witness import require

SIGNATURE = "Signature="
"""What every signature in a URL begins with, and nothing else that is written."""


class PlantedSecrets:
    """The secrets of one world."""

    def __init__(self, disk: SimDisk) -> None:
        self._disk = disk
        self._secrets = {SIGNATURE.encode()}
        self._told: set[str] = set()
        self._searched: set[str] = set()
        self._clean: dict[str, bytes] = {}

    def plant(self, secret: str) -> None:
        """One more secret."""
        self._secrets.add(secret.encode())
        self._clean.clear()
        self._searched.clear()

    def told(self, text: str) -> None:
        """A person reads this."""
        self._told.add(text)

    def search(self) -> None:
        """Raise Violation where a secret stands."""
        for name, inode in self._disk.seen.items():
            for data in (bytes(inode.data), inode.synced):
                if self._clean.get(name) != data:
                    self._require_clean(_unpacked(data) if ".gz" in name else data, name)
                    self._clean[name] = data
        for text in self._told - self._searched:
            self._require_clean(text.encode(), "what was told")
        self._searched |= self._told

    def _require_clean(self, data: bytes, where: str) -> None:
        require(not any(secret in data for secret in self._secrets), f"a secret stands in {where}")


def _unpacked(data: bytes) -> bytes:
    """As much of a compressed file as there is."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data)
    except zlib.error:
        return data
