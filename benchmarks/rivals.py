"""Other ways to use the same server: the notebook, two simpler loops, and nobody's: the bound.

Rule: each behaves as its original does where it matters for time and requests, and is written for this yardstick. The
pages of the two loops come at the same rate as coralrun's, from the start and without a pause, and their URLs are
always fresh: they are never slower by pages. What fails is sent again, by each in its own way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from .server import Server
from .world import PAGE_S, PAGES_PER_S, REQUEST_S, Case, Outcome, outcome_of

PATIENCE_S = 75.0
"""The wait of the superseded notebook's loop, and of the toolbox that took it over."""

THROTTLED_S = 30.0
"""How long a loop sleeps when it is refused for too many requests."""

NOTEBOOK_WAIT_S = 1.0
"""What the notebook sleeps after each status call, beside its patience."""


class _Client:
    """A client that does one thing after the other; `now` moves with each request."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.server: Server = case.server()
        self.now = 0.0
        self.slots = max(case.slots)
        self.queue = deque(_batches(case, range(case.images)))
        self.again: list[int] = []
        self.jobs: list[int] = []
        self.ended_s = 0.0
        self._sent = 0

    def call(self) -> None:
        """Send one request; until it is let through, sleep and send it again."""
        while not self.server.request(self.now + REQUEST_S / 2):
            self.now += REQUEST_S + THROTTLED_S
        self.now += REQUEST_S

    def fill(self) -> None:
        """Send batches, each when its pages are there, until no slot is free; what failed goes last."""
        while len(self.jobs) < self.slots:
            if not self.queue and self.again:
                self.queue.extend(_batches(self.case, self.again))
                self.again = []
            if not self.queue:
                return
            self.now = max(self.now, pages_at_s(self.case, min(self.case.images, self._sent + len(self.queue[0]))))
            self.call()
            job = self.server.submit(self.queue[0], self.now - REQUEST_S / 2)
            if job is None:
                return
            self._sent += len(self.queue.popleft())
            self.jobs.append(job)

    def fetch(self, job: int) -> None:
        """Fetch the result of a job that is done."""
        self.call()
        self.jobs.remove(job)
        self.again += self.server.failed(job)
        self.ended_s = self.now

    def ask(self, job: int) -> bool:
        """A status call; it follows the redirect of a finished job, which costs a second request."""
        self.call()
        done = self.server.is_done(job, self.now - REQUEST_S / 2)
        if done:
            self.fetch(job)
        return done

    def outcome(self) -> Outcome:
        return outcome_of(self.server, self.ended_s)

    def has_work(self) -> bool:
        return bool(self.queue or self.again or self.jobs)


def _batches(case: Case, images: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(images[first : first + case.batch_size]) for first in range(0, len(images), case.batch_size)]


def pages_at_s(case: Case, images: int) -> float:
    """When so many images' pages can have been read."""
    return images / PAGES_PER_S + PAGE_S if case.pages else 0.0


def notebook(case: Case) -> Outcome:
    """The notebook as it is: it reads every page first; then it fills the slots, sleeps 75 s, asks for the status of
    every job with a second's sleep after each, fetches what is done, and again.

    Its images that failed are sent again only when all others are done, after their pages were read again. Where all
    that it sent failed, the next time is like the last, and it never ends: its makespan is infinite.
    """
    client = _Client(case)
    client.now = pages_at_s(case, case.images)
    sent_last = 0
    read_s = {image: pages_at_s(case, image + 1) for image in range(case.images)}
    while client.queue or client.jobs or client.again:
        if not client.queue and not client.jobs:
            if len(client.again) == sent_last:
                client.ended_s = float("inf")
                break
            sent_last = len(client.again)
            for place, image in enumerate(client.again, start=1):
                read_s[image] = client.now + place / PAGES_PER_S
            client.now += len(client.again) / PAGES_PER_S if case.pages else 0.0
            client.queue.extend(_batches(case, client.again))
            client.again = []
        while client.queue and len(client.jobs) < client.slots:
            client.call()
            job = client.server.submit(client.queue[0], client.now - REQUEST_S / 2, read_s if case.pages else None)
            if job is None:
                client.now += PATIENCE_S
                if client.jobs:
                    break
                continue
            client.queue.popleft()
            client.jobs.append(job)
        if client.jobs:
            client.now += PATIENCE_S
        for job in list(client.jobs):
            client.ask(job)
            client.now += NOTEBOOK_WAIT_S
    return client.outcome()


def fixed_patience(case: Case) -> Outcome:
    """Fill the slots, sleep 75 s, ask for the status of every job, fetch what is done, and again.

    While another client holds the slots it tries its next batch in every lap.
    """
    client = _Client(case)
    while client.has_work():
        client.fill()
        client.now += PATIENCE_S
        for job in list(client.jobs):
            client.ask(job)
    return client.outcome()


def listing_every(interval_s: float) -> Callable[[Case], Outcome]:
    """The loop that lists the account's jobs at one interval: fetch what is done, fill the slots, sleep."""

    def listing_loop(case: Case) -> Outcome:
        client = _Client(case)
        while client.has_work():
            client.call()
            seen_s = client.now - REQUEST_S / 2
            active, _ = client.server.listing(seen_s)
            client.slots = client.server.limit - len(set(active) - set(client.jobs))
            for job in [job for job in client.jobs if job not in active]:
                client.fetch(job)
            client.fill()
            if client.has_work():
                client.now += interval_s
        return client.outcome()

    return listing_loop


def bound(case: Case) -> Outcome:
    """The same jobs in the same order, each slot refilled at once: no client can be faster with these batches."""
    server, now, ended_s, sent = case.server(), 0.0, 0.0, 0
    queue = deque(_batches(case, range(case.images)))
    again: list[tuple[float, tuple[int, ...]]] = []
    while queue or again:
        if not queue:
            now = max(now, again[0][0])
            known = [image for ended, failed in again if ended <= now for image in failed]
            again = [(ended, failed) for ended, failed in again if ended > now]
            queue.extend(_batches(case, known))
        images = queue.popleft()
        sent += len(images)
        now = max(now, pages_at_s(case, min(case.images, sent)))
        while not server.free(now):
            now = server.next_change_s()
        number = server.submit(images, now)
        assert number is not None
        ended_s = max(ended_s, server.end_s(number))
        if server.failed(number):
            again.append((server.end_s(number), server.failed(number)))
            again.sort()
    return outcome_of(server, ended_s)
