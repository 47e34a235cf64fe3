"""The photos of a run, fetched from its service for what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from coralrun.app.reach import reach
from coralrun.app.reporter import Reporter
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Connection, Fetch, Progress
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.images import PlannedImage


def counted(fetch: Fetch, progress: Progress) -> Fetch:
    """A way to fetch photos that tells how many it was asked for."""
    numbers = count(1)

    def fetch_told(image: PlannedImage) -> bytes | Unusable | Trouble:
        progress("fetching photos", next(numbers))
        return fetch(image)

    return fetch_told


class _Fetching:
    """Photos of a run; its service is reached when the first one is asked for, which may be never."""

    def __init__(self, opened: OpenRun, reporter: Reporter) -> None:
        self._opened = opened
        self._reporter = reporter
        self._connection: Connection | None = None
        self._fetch: Fetch | None = None

    def __call__(self, image: PlannedImage) -> bytes | Unusable | Trouble:
        if self._fetch is None:
            plan = self._opened.plan
            self._connection = reach(plan.service, plan.options, self._reporter, must_have_account=False)
            self._fetch = counted(self._connection.photos(plan), self._reporter.doing)
        return self._fetch(image)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def fetching(opened: OpenRun, reporter: Reporter) -> Iterator[_Fetching]:
    """A way to fetch the photos of a run, which reaches its service when the first one is asked for."""
    photos = _Fetching(opened, reporter)
    try:
        yield photos
    finally:
        photos.close()
