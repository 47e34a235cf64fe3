"""Other ways to use the same server: the fixed-patience loop, one job at a time, and nobody's: the bound.

Rule: each behaves as its original does where it matters for time and requests, and is written for this yardstick.
Their pages come at the same rate as coralrun's, from the start and without a pause: they are never slower by pages.
"""

from __future__ import annotations

from .server import Server
from .world import PAGE_S, PAGES_PER_S, REQUEST_S, Case, Outcome, outcome_of

PATIENCE_S = 75.0
"""The wait of the superseded notebook's loop, and of the toolbox that took it over."""

THROTTLED_S = 30.0
"""How long the loop sleeps when it is refused for too many requests."""


class _Client:
    """A client that does one thing after the other; `now` moves with each request."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.server: Server = case.server()
        self.now = 0.0
        self.sizes = case.sizes()
        self.taken = 0

    def has_work(self) -> bool:
        return self.taken < len(self.sizes)

    def call(self) -> bool:
        """Send one request; until it is let through, sleep and send it again."""
        while not self.server.request(self.now + REQUEST_S / 2):
            self.now += REQUEST_S + THROTTLED_S
        self.now += REQUEST_S
        return True

    def submit(self) -> int | None:
        """Send the next batch when its pages are there; None when no slot is free."""
        self.now = max(self.now, pages_at_s(self.case, sum(self.sizes[: self.taken + 1])))
        self.call()
        job = self.server.submit(self.sizes[self.taken], self.now - REQUEST_S / 2)
        if job is not None:
            self.taken += 1
        return job

    def has_finished(self, job: int) -> bool:
        """A status call; it follows the redirect of a finished job, which costs a second request."""
        self.call()
        done = self.server.is_done(job, self.now - REQUEST_S / 2)
        if done:
            self.call()
        return done


def pages_at_s(case: Case, images: int) -> float:
    """When so many images' pages can have been read."""
    return images / PAGES_PER_S + PAGE_S if case.pages else 0.0


def fixed_patience(case: Case) -> Outcome:
    """Fill the slots, sleep 75 s, ask for the status of every job, fetch what is done, and again.

    While another client holds the slots it tries its next batch in every lap.
    """
    client, jobs, ended_s = _Client(case), list[int](), 0.0
    while client.has_work() or jobs:
        while client.has_work() and len(jobs) < case.slots:
            job = client.submit()
            if job is None:
                break
            jobs.append(job)
        client.now += PATIENCE_S
        for job in list(jobs):
            if client.has_finished(job):
                jobs.remove(job)
                ended_s = client.now
    return outcome_of(client.server, ended_s)


def one_at_a_time(case: Case) -> Outcome:
    """Send one batch, ask for its status every 75 s until it is done, fetch it, send the next."""
    client = _Client(case)
    while client.has_work():
        job = client.submit()
        client.now += PATIENCE_S
        while job is not None and not client.has_finished(job):
            client.now += PATIENCE_S
    return outcome_of(client.server, client.now)


def bound(case: Case) -> Outcome:
    """The same jobs in the same order, each slot refilled at once: no client can be faster with these batches."""
    server, now, images, last_s = case.server(), 0.0, 0, 0.0
    for size in case.sizes():
        images += size
        now = max(now, pages_at_s(case, images) if case.pages else 0.0)
        while not server.free(now):
            now = server.next_change_s()
        number = server.submit(size, now)
        assert number is not None
        last_s = max(last_s, server.end_s(number))
    return outcome_of(server, last_s)
