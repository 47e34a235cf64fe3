"""What may go wrong at a service beyond its rules: the one place where tests plug faults in.

Rule: the service asks at fixed places, and does what it is told. Unless something is plugged in, nothing goes wrong.
"""

from __future__ import annotations

from typing import Protocol

from coralrun.emulator.messages import Reply, Request
from coralrun.emulator.site import Photo


class Disturbance(Protocol):
    """What is asked around each request, each photo that is read, and each step of a job."""

    def before(self, request: Request) -> Reply | None:
        """A reply in the service's place, which then never sees the request; None to let it answer."""
        ...

    def after(self, request: Request, reply: Reply) -> None:
        """What happens once a request took effect; raises `ReplyLost` to close the connection without a reply."""
        ...

    def in_place_of(self, photo: Photo) -> bytes | int | None:
        """The bytes, or the HTTP status, that stand where a photo was; None for the photo as it is."""
        ...

    def stands_still(self) -> bool:
        """Whether no job moves now."""
        ...


class Undisturbed:
    """Nothing goes wrong."""

    def before(self, request: Request) -> Reply | None:
        """Let the service answer."""
        return None

    def after(self, request: Request, reply: Reply) -> None:
        """Nothing."""

    def in_place_of(self, photo: Photo) -> bytes | int | None:
        """The photo as it is."""
        return None

    def stands_still(self) -> bool:
        """Never."""
        return False
