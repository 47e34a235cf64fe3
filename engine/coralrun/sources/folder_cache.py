"""What was seen of the files of a folder, kept in the user's cache: a second plan of 100,000 photos reads none again.

Rule: a file is known by its path, its size and the time of its last change; of another one nothing is believed. One
that was changed within the last moments is looked at again, because a second change then may have the same time. What
is kept of the folders that were planned longest ago goes first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
import platformdirs
from msgspec import Struct

from coralrun.limits import MAX_CACHED_FOLDERS_BYTES
from coralrun.sources.folder_photo import Seen
from coralrun.store.cache import CacheFolder

_MOMENTS_S: Final = 3.0  # FAT keeps times of two seconds
_NAME_CHARS: Final = 32
_FOLDER: Final = "folders"


class _Kept(Struct, frozen=True):
    version: Literal[2]
    folder: str
    files: dict[str, Seen]


class FolderCache:
    """What is known of one folder's files; `wall_s` is the time of day. Safe to ask from several threads."""

    def __init__(self, folder: Path, wall_s: Callable[[], float]) -> None:
        self._folder = str(folder)
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:_NAME_CHARS]
        self._name = f"{name}.json"
        self._cache = CacheFolder(platformdirs.user_cache_path("coralrun") / _FOLDER, MAX_CACHED_FOLDERS_BYTES)
        self._wall_s = wall_s
        self._files = self._read()

    def __len__(self) -> int:
        return len(self._files)

    def get(self, name: str, n_bytes: int, changed_ns: int) -> Seen | None:
        """What a file was when it had this size and was last changed then; None where that is not known."""
        seen = self._files.get(name)
        return seen if seen is not None and (seen.bytes, seen.changed_ns) == (n_bytes, changed_ns) else None

    def save(self, seen: Mapping[str, Seen]) -> None:
        """Keep this and nothing else of the folder."""
        now_s = self._wall_s()
        files = {name: file for name, file in seen.items() if abs(now_s - file.changed_ns / 1e9) > _MOMENTS_S}
        self._cache.keep(self._name, msgspec.json.encode(_Kept(2, self._folder, files)))
        self._cache.trim()

    def _read(self) -> dict[str, Seen]:
        try:
            kept = msgspec.json.decode(self._cache.get(self._name) or b"", type=_Kept)
        except msgspec.MsgspecError:  # there is none, or one of another version
            return {}
        return kept.files if kept.folder == self._folder else {}
