"""A folder of the user's cache: files that can be made again, and no more of them than so many bytes.

Rule: a file is what was written, by its digest, or it is not there. One that is read counts as used now; what was used
longest ago goes first, and nothing goes that was used within a day of what was used last: neither what this process
works with nor what another one does. Several processes may share a folder: each file is written whole, and one that
another removed is made again. A cache that cannot be read or kept costs time, and nothing else.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from coralrun.errors import DiskError
from coralrun.files.sealed import opened_bytes, seal_bytes
from coralrun.store.files import Disk

IN_USE_NS: Final = 24 * 3600 * 10**9


class CacheFolder:
    """One folder, of `most_bytes` at most; it is made when it is needed."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._disk = Disk()

    def get(self, name: str) -> bytes | None:
        """What a file holds; None where there is none, or another than was written."""
        path = self._folder / name
        with suppress(OSError, DiskError):
            body = opened_bytes(self._disk.read(path))
            with suppress(OSError):
                os.utime(path)
            return body
        return None

    def keep(self, name: str, body: bytes) -> None:
        """Keep a file, if that can be."""
        with suppress(DiskError):
            self._disk.make_directory(self._folder)
            self._disk.note(self._folder / name, seal_bytes(body))

    def drop(self, name: str) -> None:
        """Remove a file, if that can be."""
        with suppress(DiskError):
            self._disk.remove(self._folder / name)

    def names(self) -> list[str]:
        """What the files are called."""
        return sorted(path.name for _, _, path in self._files())

    def trim(self) -> None:
        """Remove what was used longest ago, as far as there is too much."""
        files = sorted(self._files(), reverse=True)
        left_bytes = self._most_bytes
        for used_ns, n_bytes, path in files:
            left_bytes -= n_bytes
            if left_bytes < 0 and used_ns < files[0][0] - IN_USE_NS:
                self.drop(path.name)

    def _files(self) -> list[tuple[int, int, Path]]:
        """When each file was used last, how many bytes it has, and where it is."""
        found: list[tuple[int, int, Path]] = []
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(OSError):  # another process removed it
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, status.st_size, Path(entry.path)))
        return found
