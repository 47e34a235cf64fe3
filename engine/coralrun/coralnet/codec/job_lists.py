"""What CoralNet's lists of jobs tell of those that are newer than an earlier look at them (protocol 2).

Jobs are numbered as they are made, so a newer one has a higher number than all that were listed before. All active jobs
are listed, and of the finished ones the last few, the one that finished last first. So a newer job is missing only if
the list of finished ones is as long as it can be and reaches back no further than to jobs that finished since: where it
is shorter, or still shows a job that had finished before, all that finished since stand in it.

Rule: pure. A marker is text that this module alone writes and reads: the highest number listed, and the job that had
finished last. What is no such text makes all jobs newer, and proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from coralrun.coralnet.codec.wire import Jobs
from coralrun.coralnet.protocol import FINISHED_JOBS_PER_ACTIVE
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import Listed

_JOB = re.compile(r"[0-9]{1,15}")
_MARKER = re.compile(r"([0-9]{1,15})/([0-9]{0,15})")


def is_job(job: JobId) -> bool:
    """Whether a job's id is one of CoralNet's: it goes into an address."""
    return _JOB.fullmatch(job) is not None


def listed(jobs: Jobs, since: Marker | None, done_before: Sequence[JobId]) -> Listed:
    """The account's jobs, and which are newer than `since`, the marker of an earlier listing."""
    marker = f"{max(map(int, (*jobs.active, *jobs.finished)), default=0)}/{next(iter(jobs.finished), '')}"
    if since is None:
        return Listed(*jobs, marker)
    highest, had_finished = _read(since)
    newer = (job for job in (*sorted(jobs.active, key=int), *jobs.finished) if int(job) > highest)
    may_lack_some = len(jobs.finished) >= FINISHED_JOBS_PER_ACTIVE * jobs.max_active
    reaches_back = not {had_finished, *done_before}.isdisjoint(jobs.finished)
    return Listed(*jobs, marker, tuple(newer), highest >= 0 and (reaches_back or not may_lack_some))


def _read(marker: Marker) -> tuple[int, JobId]:
    """The highest number that was listed, and the job that had finished last; what is no marker tells of none."""
    found = _MARKER.fullmatch(marker)
    return (-1, "") if found is None else (int(found[1]), found[2])
