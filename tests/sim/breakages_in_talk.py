"""Breakages of how the service is asked, and of how its replies are read: the client, the codec, the limiter.

Rule: as that of `breakages`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests

from coralrun import perform
from coralrun.coralnet.account import ledger
from coralrun.coralnet.account.ledger import Block, Ledger
from coralrun.coralnet.account.limiter import Limiter, SharedRecord, WebRate
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.codec import wire
from coralrun.machine import outcomes

_request = requests.Session.request
_perform = perform.Performer.perform
_read = SharedRecord.read
_close = Limiter.close
_own_errors = CoralNetService._own_errors
_job_of_location = wire.job_of_location

RETRIES = 4


def follow(self: requests.Session, *arguments: Any, **named: Any) -> requests.Response:
    return _request(self, *arguments, **{**named, "allow_redirects": True})


@contextmanager
def without_window(number: int) -> Iterator[None]:
    """The limiter keeps all windows but one."""
    free, wait_s = Ledger.free, Ledger.wait_s

    def others() -> AbstractContextManager[Any]:
        windows = tuple(window for place, window in enumerate(ledger.WINDOWS) if place != number)
        return patch.object(ledger, "WINDOWS", windows)

    def blind_free(self: Ledger, now: float) -> int:
        with others():
            return free(self, now)

    def blind_wait_s(self: Ledger, now: float, requests: int) -> float:
        with others():
            return wait_s(self, now, requests)

    with patch.object(Ledger, "free", blind_free), patch.object(Ledger, "wait_s", blind_wait_s):
        yield


def forgetful(data: bytes, now: float) -> Ledger:
    return Ledger()


def a_minute_lost(now: float) -> Ledger:
    """As it once was."""
    return Ledger((Block("unreadable", 0, 0, now, (now,) * ledger.WINDOWS[0][0]),))


def never_used(self: SharedRecord, wall: float) -> Ledger | None:
    """A record that is gone is one that never was."""
    return _read(self, wall) if self.path.exists() else Ledger()


def at_once_again(self: perform.Performer, effect: Any) -> Any:
    """A question that was not answered is asked again, and again, before anybody hears of it."""
    for _ in range(RETRIES):
        outcome = _perform(self, effect)
        if not isinstance(outcome, outcomes.Trouble):
            break
    return outcome


def whole_url(url: str) -> str:
    return url


def any_host(location: str | None, base_url: str) -> str:
    """A job's number is believed wherever the reply says that the job is."""
    return _job_of_location(urlsplit(location or "").path, base_url)


def proxies_believed(self: CoralNetService, reply: Any) -> Any:
    """A 429 is a refusal, whoever sent it."""
    return _own_errors(self, reply) or ((wire.ApiError("too many requests"),) if reply.status == 429 else None)


def gives_nothing_back(self: Limiter) -> None:
    return None


def forgets_in_flight(self: Limiter) -> None:
    for lease in self._leases:
        lease.in_flight = 0
    _close(self)


@contextmanager
def counted_from_sending(self: Limiter, *, patient: bool = True) -> Iterator[bool]:
    """A request leaves the windows so long after it was sent, and not after its reply."""
    lease = self._take(patient)
    sent_s = self._clock.monotonic()
    try:
        yield lease is not None
    finally:
        if lease is not None:
            lease.in_flight -= 1
            lease.replies.append(sent_s)


def at_any_rate(self: WebRate) -> None:
    return None
