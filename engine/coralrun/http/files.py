"""Public files, by their addresses: a part of one, or a photo as a whole.

Rule: no credentials, and no answer is believed that is another than was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from coralrun import limits
from coralrun.http.client import NoReply, PlainHttp
from coralrun.http.fetched import Fetched
from coralrun.machine.outcomes import Trouble, TroubleKind


@dataclass(frozen=True, slots=True)
class PublicFiles:
    """Files that anybody may open."""

    http: PlainHttp

    def part(self, url: str, start: int, length: int) -> Fetched | Trouble:
        """Some bytes of a file (one request)."""
        reply = self.http.plain(url, start + length, start)
        if isinstance(reply, NoReply):
            return Trouble(TroubleKind.UNREACHABLE, reply.detail)
        if reply.status == 206 and not reply.headers.get("content-range", "").startswith(f"bytes {start}-"):
            return Trouble(TroubleKind.UNREACHABLE, "the image's host sent another part of the file than was asked for")
        asked_for = length if reply.status == 206 else start + length
        return Fetched(reply.status, reply.body, len(reply.body) < asked_for)

    def photo(self, url: str) -> bytes | Trouble:
        """A photo as a whole (one request)."""
        reply = self.http.plain(url, limits.MAX_PHOTO_BYTES)
        if isinstance(reply, NoReply):
            return Trouble(TroubleKind.UNREACHABLE, reply.detail)
        if reply.status not in (200, 206):
            return Trouble(TroubleKind.UNREACHABLE, f"the image's host answered {reply.status}")
        return reply.body
