"""Replies that say no, as the service and what stands before it word them.

Rule: a page is a proxy's, an error the API's own; nothing here changes anything at the service.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coralrun.emulator.messages import API_TYPE, Reply, Request

from .faults import Fault
from .marks import Mark

if TYPE_CHECKING:
    from .world import World

A_DATE = "Sun, 22 Nov 2026 00:00:00 GMT"
THROTTLED = "Request was throttled. Expected available in 28 seconds."
GATEWAYS = {
    403: Mark.GATEWAY_403,
    404: Mark.GATEWAY_404,
    429: Mark.GATEWAY_429,
    500: Mark.GATEWAY_500,
    502: Mark.GATEWAY_502,
    503: Mark.GATEWAY_503,
    504: Mark.GATEWAY_504,
}
RETRY_AFTER = {
    "": Mark.RETRY_AFTER_MISSING,
    "9" * 12: Mark.RETRY_AFTER_HUGE,
    "-5": Mark.RETRY_AFTER_NEGATIVE,
    A_DATE: Mark.RETRY_AFTER_DATE,
}

_PAGE = b"<!DOCTYPE html><html><body>We will be back soon.</body></html>"


def is_of_the_account(request: Request) -> bool:
    """Whether it counts for the account: a sign-in counts for the address that it comes from, a page for nobody."""
    return request.path.startswith("/api/") and "token_auth" not in request.path


def is_throttled(reply: Reply) -> bool:
    """Whether it is the 429 of the rate, and not the one of the slots."""
    return reply.status == 429 and b"throttled" in reply.body


def page(status: int) -> Reply:
    """A page that is not the API's."""
    return Reply(status, (("Content-Type", "text/html"),), _PAGE)


def error(status: int, detail: str, *headers: tuple[str, str]) -> Reply:
    """The API's own error."""
    body = json.dumps({"errors": [{"detail": detail}]}).encode()
    return Reply(status, (("Content-Type", API_TYPE), *headers), body)


def throttled(world: World) -> Reply:
    """The 429 of the rate, which says how long to wait, but where something between says otherwise."""
    if not world.strikes(Fault.ODD_RETRY_AFTER):
        return error(429, THROTTLED, ("Retry-After", "28"))
    said, mark = world.chance.choice(list(RETRY_AFTER.items()))
    world.mark(mark)
    return error(429, THROTTLED, *((("Retry-After", said),) if said else ()))


def no_slot(world: World) -> Reply:
    """The other 429, which has no Retry-After, but where something between adds one."""
    detail = "You already have 1 jobs active (IDs: 7). You must wait until one of them finishes."
    if not world.strikes(Fault.ODD_RETRY_AFTER):
        return error(429, detail)
    world.mark(Mark.SLOT_429_WITH_RETRY_AFTER)
    said = world.chance.choice(("28", "-5", "9" * 12, A_DATE, A_DATE))  # a date is what is marked
    if said == A_DATE:
        world.mark(Mark.SLOT_429_WITH_DATE)
    return error(429, detail, ("Retry-After", said))
