"""Files that a person names: the one place that opens them.

Rule: a path from a person may lead anywhere, so only a regular file is read, and only as much of it as there may be: a
pipe would be waited for, a device never ends, and either would be met long before a problem could be told. Links to
regular files are followed. What is refused is an OSError whose `strerror` says in plain words what the path is.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from coralrun import limits

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)  # Windows translates line ends without it
    | getattr(os, "O_NONBLOCK", 0)  # or opening a pipe waits for somebody to write into it
    | getattr(os, "O_NOCTTY", 0)
)
_PART_BYTES = 1024 * 1024  # of a file that says it is empty, as those of /proc do


def read_given(path: Path, most_bytes: int = limits.MAX_GIVEN_BYTES) -> bytes:
    """The bytes of a file that a person named; OSError where it is none, or has more than `most_bytes`."""
    with _opened(path) as (fd, size):
        if size > most_bytes:
            raise _too_large(path, most_bytes)
        data = _read(fd, most_bytes + 1, size + 1)
    if len(data) > most_bytes:
        raise _too_large(path, most_bytes)
    return data


def beginning_of(path: Path, n_bytes: int) -> bytes:
    """The first bytes of a file that a person named, at most `n_bytes`; OSError as in `read_given`."""
    with _opened(path) as (fd, _):
        return _read(fd, n_bytes, n_bytes)


@contextmanager
def open_given(path: Path) -> Iterator[BinaryIO]:
    """A file that a person named, open to be read in parts; OSError as in `read_given`, for any number of bytes."""
    with _opened(path) as (fd, _), os.fdopen(fd, "rb", buffering=0, closefd=False) as file:
        yield io.BufferedReader(file)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, int]]:
    """A regular file, open, and the bytes that it says it has."""
    fd = os.open(path, _FLAGS)
    try:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder, not a file", str(path))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "a pipe or a device, not a file: save what it gives as a file", str(path))
        yield fd, status.st_size
    finally:
        os.close(fd)


def _read(fd: int, most_bytes: int, likely_bytes: int) -> bytes:
    """What is there, at most `most_bytes`: one part where the file is as long as it said."""
    parts: list[bytes] = []
    left = most_bytes
    while left > 0:
        part = os.read(fd, min(left, max(likely_bytes, _PART_BYTES)))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _too_large(path: Path, most_bytes: int) -> OSError:
    return OSError(errno.EFBIG, f"more than {most_bytes:,} bytes, too large to be read", str(path))
