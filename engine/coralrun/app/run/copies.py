"""Two copies of one run: the directory was copied while it ran, and the other one was carried on.

Rule: each would send what the other has sent already. It shows in the account: a finished job with this run's marks
that this directory's journal cannot have sent (`machine.lineage`). Jobs of others never stop a run, nor does a service
that does not answer: then nothing is known. Looked at are the jobs of one listing that the journal does not know, at
most twice the account's active jobs, each by its result.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from platform import node

from coralrun.errors import LockedError
from coralrun.machine import lineage
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import Listed
from coralrun.ports import Answer, Service
from coralrun.store.lock import Owner
from coralrun.values.phrases import typed

FRESH = timedelta(days=7)
"""A run of hundreds of thousands of images takes days: an owner may be at work as long after it took the lock."""


def check_only_copy(root: Path, run: str, state: Durable, service: Service) -> None:
    """Raise LockedError where another copy of the run `run`, whose directory is `root`, was carried on."""
    listing = service.listing()
    if not isinstance(listing, Listed):
        return
    mark = re.compile(rf"{re.escape(run)}\.([0-9]{{1,9}})\.([0-9]{{1,9}})\.[0-9]{{1,9}}")
    for job in listing.finished:
        answer = service.fetch(job) if job not in state.jobs else None
        entries = answer.entries if isinstance(answer, Answer) else ()
        for found in (mark.fullmatch(entry.mark) for entry in entries):
            if found and not lineage.may_be_own(state, batch=int(found[1]), attempt=int(found[2]), job=job):
                raise LockedError(
                    f"{root}: another copy of this run was carried on: job {job} of the account is batch {found[1]} of "
                    "this run, and this directory did not send it",
                    remedy="Go on with the other copy and delete this one, which would send the same images again. If "
                    f"the other is lost: coralrun resume {typed(root)} --only-copy",
                )


def other_host_lines(earlier: Owner | None, now: datetime | None = None) -> list[str]:
    """What to say where a process of another computer held the run not long ago; nothing where none did."""
    if earlier is None or _short(earlier.host) == _short(node()):
        return []
    try:
        since = datetime.strptime(earlier.since, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return []
    if abs((now or datetime.now(UTC)) - since) > FRESH:
        return []
    return [
        f"warning: {earlier.host} worked on this run (process {earlier.pid}, since {earlier.since}): if it still does, "
        "or has a copy of it, stop one of the two"
    ]


def _short(host: str) -> str:
    """A computer's name without its network's, which changes with the place where a laptop is opened."""
    return host.partition(".")[0].casefold()
