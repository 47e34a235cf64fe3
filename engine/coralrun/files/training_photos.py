"""The file of a classifier's folder that names the photos that trained it: a SHA-256 a line, in order.

Rule: a photo is known by its content, whatever it is called now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

TRAINING_PHOTOS: Final = "photos.sha256"
_DIGEST = re.compile(r"[0-9a-f]{64}\n", re.ASCII)


def training_photos_of(folder: str) -> str:
    """The path of that file in the folder of a classifier."""
    return f"{folder.rstrip('/')}/{TRAINING_PHOTOS}"


def encode_photos(digests: Iterable[str]) -> bytes:
    """The bytes of the file."""
    return "".join(f"{digest}\n" for digest in sorted(set(digests))).encode("ascii")


def decode_photos(data: bytes) -> tuple[str, ...]:
    """The digests in the file; raises ValueError for what is no such file."""
    lines = data.decode("ascii").splitlines(keepends=True)
    if not all(map(_DIGEST.fullmatch, lines)):
        raise ValueError("not a list of SHA-256, one a line")
    return tuple(line.rstrip() for line in lines)
