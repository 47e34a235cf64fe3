"""What earlier uploads to a service were like: how fast they went, and which size its web server refused.

Rule: kept for each service, in the user's cache, where it may be lost; it says how long an upload takes and which
photos need not be tried, and nothing rests on it. What a host takes may change: a refusal is believed for some days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Literal

import msgspec
import platformdirs
from msgspec import Struct
from msgspec.structs import replace

from coralrun.planning.unfit import Refusal, Unfit
from coralrun.ports import Clock
from coralrun.store.cache import CacheFolder
from coralrun.values.ids import sha256_hex

MEASURED_BYTES: Final = 100_000_000  # so much of the newest counts: an hour ago a line may have been another
BELIEVED_DAYS: Final = 7  # design: a server's limit is seldom raised
_FOLDER_BYTES: Final = 1_000_000


class _Kept(Struct, frozen=True):
    """`refused_bytes` is the smallest photo that was too large, on that day of UTC; 0 where none was."""

    version: Literal[1] = 1
    sent_bytes: float = 0.0
    took_s: float = 0.0
    refused_bytes: int = 0
    refused_on: str = ""


@dataclass(slots=True)
class UploadRecord:
    """The record of one service, by its address; without a `folder` it lasts as long as the process."""

    clock: Clock
    service: str
    folder: Path | None = None
    _known: _Kept | None = field(default=None, init=False)

    @classmethod
    def of_user(cls, clock: Clock, service: str) -> UploadRecord:
        """The one in the user's cache."""
        return cls(clock, service, platformdirs.user_cache_path("coralrun") / "uploads")

    @property
    def bytes_per_s(self) -> float | None:
        """How fast photos went lately, with all that is between them; None where none did."""
        return self._kept.sent_bytes / self._kept.took_s if self._kept.took_s else None

    def sent(self, n_bytes: int, took_s: float) -> None:
        """A photo went, and was answered."""
        fresh = replace(self._kept, sent_bytes=self._kept.sent_bytes + n_bytes, took_s=self._kept.took_s + took_s)
        share = min(1.0, MEASURED_BYTES / max(fresh.sent_bytes, 1.0))
        self._keep(replace(fresh, sent_bytes=fresh.sent_bytes * share, took_s=fresh.took_s * share))

    def refused(self, n_bytes: int) -> None:
        """A photo was too large for the web server."""
        smallest = min(n_bytes, self._kept.refused_bytes or n_bytes)
        self._keep(replace(self._kept, refused_bytes=smallest, refused_on=self.clock.utc()[:10]))

    def too_large(self, n_bytes: int) -> Refusal | None:
        """Why a photo of so many bytes need not be tried; None where it may be."""
        kept = self._kept
        if not kept.refused_bytes or n_bytes < kept.refused_bytes or self._days_since(kept.refused_on) > BELIEVED_DAYS:
            return None
        limit = f"{kept.refused_bytes / 1e6:.1f} MB or more"
        said = f"files of {limit}, which the service's web server refused on {kept.refused_on}: save them smaller"
        return Refusal(Unfit.UPLOAD_TOO_LARGE, said)

    def _days_since(self, day: str) -> int:
        return (date.fromisoformat(self.clock.utc()[:10]) - date.fromisoformat(day)).days

    @property
    def _kept(self) -> _Kept:
        if self._known is None:
            data = None if self.folder is None else self._cache.get(self._name)
            try:
                self._known = _Kept() if data is None else msgspec.json.decode(data, type=_Kept)
            except msgspec.MsgspecError:
                self._known = _Kept()
        return self._known

    def _keep(self, kept: _Kept) -> None:
        self._known = kept
        if self.folder is not None:
            self._cache.keep(self._name, msgspec.json.encode(kept))

    @property
    def _cache(self) -> CacheFolder:
        assert self.folder is not None  # noqa: S101 - asked by those who looked
        return CacheFolder(self.folder, _FOLDER_BYTES)

    @property
    def _name(self) -> str:
        return f"{sha256_hex(self.service.encode())[:16]}.json"
