"""How long photos take that are sent to the service before any of them is classified.

Rule: pure. Of the speed in bytes of earlier uploads and the most photos a second, what takes longer binds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from coralrun import limits


class UploadCost(NamedTuple):
    """So many photos of so many bytes are to be sent, and take so long in all; `going` has where each goes, and its
    name."""

    photos: int = 0
    photo_bytes: int = 0
    takes_s: float = 0.0
    going: tuple[tuple[str, str], ...] = ()

    def with_more(self, other: UploadCost) -> UploadCost:
        """Both, one after the other: photos are sent one by one."""
        return UploadCost(*(its + others for its, others in zip(self, other, strict=True)))  # type: ignore[operator]


NO_UPLOADS: Final = UploadCost()


def upload_cost(photos: int, photo_bytes: int, bytes_per_s: float | None, photos_per_s: float) -> UploadCost:
    """What it takes to send photos; `bytes_per_s` is how fast earlier ones went, None where none did."""
    by_bytes_s = photo_bytes / (bytes_per_s or limits.UPLOAD_BYTES_PER_S)
    return UploadCost(photos, photo_bytes, max(by_bytes_s, photos / photos_per_s))
