"""The photos of a run, fetched from its service for what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from coralrun.app.reach import reach
from coralrun.app.reporter import Reporter
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Connection, Fetch
from coralrun.errors import AccountMissing
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.planning.images import PlannedImage
from coralrun.reaching import Progress


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
        self._has_asked = False

    def __call__(self, image: PlannedImage) -> bytes | Unusable | Trouble:
        if self._fetch is None:
            self._fetch = self._reached(must_have_account=False)
        photo = self._fetch(image)
        if not self._needs_account(photo):
            return photo
        self._has_asked = True
        try:
            self._fetch = self._reached(must_have_account=True)
        except AccountMissing:  # nobody said who they are: there is no photo, which is said
            return photo
        return self._fetch(image)

    def _reached(self, *, must_have_account: bool) -> Fetch:
        self.close()
        plan = self._opened.plan
        self._connection = reach(plan.service, plan.options, self._reporter, must_have_account=must_have_account)
        return counted(self._connection.photos(plan), self._reporter.doing)

    def _needs_account(self, photo: bytes | Unusable | Trouble) -> bool:
        """Whether whoever is there is to be asked for the account, once."""
        if not (isinstance(photo, Trouble) and photo.kind is TroubleKind.CREDENTIALS):
            return False
        has_none = self._connection is not None and not self._connection.may_list
        return has_none and not self._has_asked and self._reporter.ask is not None

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
