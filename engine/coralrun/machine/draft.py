"""A decision in the making: which channels are free, what was begun, what is waited for.

Rule: the rules of `decide` write here and read the state; nothing else passes between them. There are four channels:
one to the service (submitting, listing, looking: one request at a time, so that at most one submission is ever in
doubt), one for results, and a few for images.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import Struct

from coralrun.machine import effects
from coralrun.machine.batching import most_images
from coralrun.machine.look import NextLook, next_look
from coralrun.machine.notes import Channel
from coralrun.machine.state import State

AFTER_OUTAGE = {
    Channel.API: "the service to be reachable again",
    Channel.SUBMIT: "the service to take batches again",
    Channel.SLOT: "a free slot, after another client was faster",
    Channel.RESULTS: "the service to give results again",
    Channel.IMAGES: "the images' site to be reachable again",
    Channel.UPLOADS: "the source to take photos again",
    Channel.THROTTLE: "the service to take requests again",
}
"""What is waited for while a channel is out of order."""

_FOR_SERVICE = frozenset({effects.List, effects.Submit, effects.Look, effects.Identify})
_FOR_RESULTS = frozenset({effects.Collect, effects.Release})
_FOR_UPLOADS = frozenset({effects.AskNames, effects.Upload, effects.CompareUpload})


class Wait(Struct, frozen=True):
    """Something that time will bring: at `until_s` (monotonic) at the latest there is more to do."""

    until_s: float
    why: str


class Decision(Struct, frozen=True):
    """Effects to start now, and what is waited for beside those in flight."""

    effects: tuple[effects.Effect, ...]
    waits: tuple[Wait, ...]


@dataclass(slots=True)
class Draft:
    """What the rules so far have decided at this moment."""

    state: State
    now: float
    begun: list[effects.Effect] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    service_busy: bool = False
    results_busy: bool = False
    resolving: int = 0
    upload_busy: bool = False
    uploads_first: bool = False
    listing_at_s: float | None = None
    listing_why: str = ""
    _next_look: NextLook | None = None
    _most_images: int = 0

    def __post_init__(self) -> None:
        for effect in self.state.volatile.in_flight:
            kind = type(effect)
            if kind is effects.Resolve:
                self.resolving += 1
            elif kind in _FOR_RESULTS:
                self.results_busy = True
            elif kind in _FOR_SERVICE:
                self.service_busy = True
            elif kind in _FOR_UPLOADS:
                self.upload_busy = True

    def wait(self, until_s: float, why: str) -> None:
        """Note something that time will bring."""
        self.waits.append(Wait(until_s, why))

    def service_ready(self, *channels: Channel) -> bool:
        """Whether a request may be sent to the service now; if not, the wait is noted."""
        volatile = self.state.volatile
        until_s, why = volatile.throttled_until_s, "the pause that the service asked for"
        if volatile.budget_until_s > until_s:
            until_s, why = volatile.budget_until_s, "the service's limit of requests"
        for channel in channels:
            outage = volatile.outages.get(channel)
            if outage is not None and outage.retry_at_s > until_s:
                until_s, why = outage.retry_at_s, AFTER_OUTAGE[channel]
        if until_s > self.now:
            self.wait(until_s, why)
            return False
        return True

    def ask(self, effect: effects.ApiEffect, *channels: Channel) -> None:
        """Send a request in the service's channel, if it is free."""
        if not self.service_busy and self.service_ready(Channel.API, *channels):
            self.begun.append(effect)
            self.service_busy = True

    def next_look(self) -> NextLook:
        """When the account's jobs should be listed again; several rules ask, and it is reckoned once."""
        if self._next_look is None:
            self._next_look = next_look(self.state, self.now)
        return self._next_look

    def most_images(self) -> int:
        """How many images the next batch may take; reckoned once too."""
        if not self._most_images:
            self._most_images = most_images(self.state, self.now)
        return self._most_images

    def wants_listing_by(self, at_s: float) -> bool:
        """Whether the account's jobs are asked for at that time or before."""
        return self.listing_at_s is not None and self.listing_at_s <= at_s

    def want_listing(self, at_s: float, why: str) -> None:
        """Ask for the account's jobs at that time at the latest."""
        if not self.wants_listing_by(at_s):
            self.listing_at_s, self.listing_why = at_s, why
