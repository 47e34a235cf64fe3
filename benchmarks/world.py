"""One case of the yardstick, and what a policy made of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from coralrun.coralnet import protocol

from .models import MODELS
from .server import Server

REQUEST_S = 0.3  # a request and its reply; half of it is the way there
PAGE_S = 0.3
PAGES_PER_S = protocol.WEB_RATE
LIFE_S = 3600.0  # protocol 5: how long a signed URL serves


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """So many images in batches of 100 at a server of one model, with so many slots, alone or not.

    `slots` follow each other every 40 minutes where there are several. `pages` says that each image's page must be
    asked for, at most 4 a second, for a URL that serves `life_s`; `failing` is the share of images that fail once.
    """

    model: str
    images: int
    slots: tuple[int, ...] = (protocol.DEFAULT_ACTIVE_JOBS,)
    shared: bool = False
    pages: bool = False
    failing: float = 0.0
    life_s: float = LIFE_S
    seed: int = 0
    batch_size: int = protocol.MAX_ENTRIES_PER_JOB

    @property
    def jobs(self) -> int:
        """How many jobs the images fill."""
        return -(-self.images // self.batch_size)

    def server(self) -> Server:
        """A fresh server for one policy."""
        other_slots = max(1, self.slots[0] * 2 // 5) if self.shared else 0
        seed = f"{self.model.partition(',')[0]}:{self.seed}"  # the same times whatever the counts say
        server = Server(MODELS[self.model], seed, self.slots, other_slots, self.failing, self.life_s)
        server.advance(0.0)
        return server


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a policy made of a case. `idle_share` is of the slots while images waited; `facts` are journal records."""

    makespan_s: float
    idle_share: float
    jobs: int
    requests: int
    throttled: int
    no_slot: int
    most_a_minute: int
    most_an_hour: int
    facts: int = 0


def outcome_of(server: Server, makespan_s: float, facts: int = 0) -> Outcome:
    """What a server saw of a policy."""
    return Outcome(
        makespan_s=makespan_s,
        idle_share=server.idle_s / server.offered_s if server.offered_s else 0.0,
        jobs=server.made,
        requests=len(server.sent_s),
        throttled=server.throttled,
        no_slot=server.no_slot,
        most_a_minute=_most_within(server.sent_s, 60.0),
        most_an_hour=_most_within(server.sent_s, 3600.0),
        facts=facts,
    )


def _most_within(times_s: Sequence[float], length_s: float) -> int:
    """The largest number of requests in any window of a length."""
    return max((index + 1 - bisect_left(times_s, at_s - length_s) for index, at_s in enumerate(times_s)), default=0)
