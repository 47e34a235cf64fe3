"""What a preview leaves in its session until it is confirmed.

Rule: one for a session, whatever the source; a preview that is refused leaves the last good one, which a confirmation
then writes. Observed on the real server.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from coralrun.emulator.messages import Reply, Request, json_reply
from coralrun.emulator.site import Source
from coralrun.emulator.uploads import server_error

T = TypeVar("T")

NOTHING_WAITS = "We couldn't find the expected data in your session. Please try loading this page again."


class Previewed(Generic[T]):
    """What waits in each session."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[int, T]] = {}

    def keep(self, request: Request, source: Source, found: T) -> None:
        """Let what was previewed wait in the session."""
        self._waiting[request.cookie("sessionid") or ""] = source.id, found

    def take(self, request: Request, source: Source) -> tuple[T] | Reply:
        """What waits in the session, which it then leaves; or the reply where nothing does, or for another source."""
        session = request.cookie("sessionid") or ""
        if session not in self._waiting:
            return json_reply({"error": NOTHING_WAITS})
        of, found = self._waiting[session]
        if of != source.id:
            return server_error()
        del self._waiting[session]
        return (found,)
