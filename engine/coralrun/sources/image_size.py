"""The raw size of an image from its first bytes, and where the images of a manifest are.

Rule: no image is downloaded to learn its size; a few kilobytes are read, then a few more. The size is that of the
stored pixels: EXIF orientation is never applied, because the service does not apply it either (protocol 4). Only the
header is parsed and no pixel is decoded, so a damaged file has a size and a huge one takes no memory.

This module sends nothing: bytes come through a `Fetch` that the caller gives.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from typing import Final

from PIL import Image, UnidentifiedImageError

from coralrun.files.stored_pixels import stored_size
from coralrun.http.fetched import Fetch
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Located
from coralrun.values.signatures import has_ended

# How far to read, one request each. A camera's JPEG shows its size behind its thumbnail: after 14 KB in the photos of
# Moorea Labeled Corals, 38 KB in one of CoralNet's own; a PNG in the first bytes. A request costs more than a kilobyte.
READ_TO_BYTES: Final = (16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024)
_FORMATS: Final = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "MPO")
_GONE: Final = (404, 410)
_REFUSED: Final = (401, 403, 451)
_BUSY: Final = (408, 425, 429)
_RANGE_ENDED: Final = 416

# Pillow warns on the terminal of images too large to decode and of tags cut off. Nothing is decoded here and the cut is
# ours; and only the command line may print. (A filter for the length of a call would not hold between threads.)
warnings.filterwarnings("ignore", module=r"PIL\.")


class ManifestImages:
    """The images of a manifest: the URL is the user's own and cannot be signed anew; the size is read where not given.

    `wall_s` is the time of day, in seconds since 1970.
    """

    def __init__(self, fetch: Fetch, wall_s: Callable[[], float]) -> None:
        self._fetch = fetch
        self._wall_s = wall_s

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Give an image's URL and raw size, with no request where the manifest has the size."""
        if image.url is None:
            raise ValueError(f"{image.key} has no URL: it is not from a manifest")
        size = image.size if image.size is not None else size_of(image.url, self._fetch)
        if isinstance(size, Size):
            return Located(image.url, size)
        refused = size in (Unusable(Reason.HOST_REFUSED), Unusable(Reason.BAD_URL))
        return Unusable(Reason.SIGNATURE_ENDED) if refused and has_ended(image.url, self._wall_s()) else size


def size_of(url: str, fetch: Fetch) -> Size | Unusable | Trouble:
    """Read an image's raw size from as few of its first bytes as show it, at most 1 MiB.

    An image of which a megabyte does not show the size is Unusable(NO_SIZE): a TIFF with its directory at the end, or a
    WebP beyond a megabyte, which Pillow reads whole.
    """
    head = b""
    for read_to_bytes in READ_TO_BYTES:
        reply = fetch(url, len(head), read_to_bytes - len(head))
        if isinstance(reply, Trouble):
            return reply
        ended = reply.complete
        if reply.status == 206:
            head += reply.body
        elif 200 <= reply.status < 300:
            head = reply.body[: READ_TO_BYTES[-1]]
        elif reply.status == _RANGE_ENDED:
            ended = True
        else:
            return _refused(reply.status)
        size = header_size(head)
        if size is not None:
            return size
        if ended or not reply.body:
            return Unusable(Reason.NOT_AN_IMAGE)
        if len(head) >= READ_TO_BYTES[-1]:
            break
    return Unusable(Reason.NO_SIZE)


def header_size(head: bytes) -> Size | Unusable | None:
    """The raw size that an image's first bytes show; None where they do not show one (yet)."""
    try:
        with Image.open(io.BytesIO(head), formats=_FORMATS) as image:
            width, height = stored_size(image)
    except Image.DecompressionBombError:
        return Unusable(Reason.TOO_MANY_PIXELS)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        OverflowError,
        EOFError,
        LookupError,
        struct.error,
    ):
        return None
    return Size(width, height) if width > 0 and height > 0 else Unusable(Reason.NOT_AN_IMAGE)


def _refused(status: int) -> Unusable | Trouble:
    if status in _GONE:
        return Unusable(Reason.NOT_FOUND)
    if status in _REFUSED:
        return Unusable(Reason.HOST_REFUSED)
    if status >= 500 or status in _BUSY:
        return Trouble(TroubleKind.UNREACHABLE, f"the image's host answered {status}")
    return Unusable(Reason.BAD_URL)
