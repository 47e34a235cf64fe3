"""A part of a file, as its host sends it: loads nothing that sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coralrun.machine.outcomes import Trouble


@dataclass(frozen=True, slots=True)
class Fetched:
    """A host's reply to a request for some bytes.

    With `status` 206 `body` begins at the byte asked for; with any other 2xx it is the file from its beginning, cut off
    at the last byte asked for or later. `complete` says that the file ends where `body` ends. Redirects are followed
    before this.
    """

    status: int
    body: bytes
    complete: bool


Fetch = Callable[[str, int, int], Fetched | Trouble]
"""`fetch(url, start, length)`: one request for `length` bytes from `start` on; Trouble(UNREACHABLE) without a reply."""
