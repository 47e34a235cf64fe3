"""Several files that are handed in together, as one: a ZIP archive, such as BIIGLE's reports come in.

Rule: files are packed in the order of their names and without a date, so that the same files are the same bytes. What
an archive unpacks to is bounded before it is opened, and no name in it is used as a path.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping

from coralrun import limits
from coralrun.errors import InvalidInput, Problem

ENDING = ".zip"
_MOST_FILES = 100_000
_CANNOT_BE_READ = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError),
)
_NOT_FILES = ("/", "\\")
_OF_THE_SYSTEM = ("__MACOSX/", ".")


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files by their names as one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(label: str, data: bytes) -> dict[str, bytes]:
    """The files in an archive by their names, in the archive's order; InvalidInput where it is none, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if not part.filename.endswith(_NOT_FILES)]
            parts = [part for part in parts if not part.filename.startswith(_OF_THE_SYSTEM)]
            if len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > limits.MAX_GIVEN_BYTES:
                raise _refusal(label, "the archive is too large to be read: unpack it, and give its tables")
            return {part.filename: archive.read(part) for part in parts}
    except _CANNOT_BE_READ as error:
        raise _refusal(label, f"the archive cannot be read ({error}): unpack it, and give its tables") from error


def _refusal(label: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(label, 0, 0, message)])
