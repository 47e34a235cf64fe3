"""A third service, for tests: words for ids, no limit of requests, paths for images, all scores, labels without ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.machine import outcomes
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.ports import Answer, AnsweredEntry, Entry, Located
from coralrun.service.limits import ServiceLimits
from coralrun.values.classified import Classification, ScoredPoint
from coralrun.values.ids import sha256_hex

LIMITS = ServiceLimits(jobs_at_once=2, entries_per_job=3, job_takes_s=0.0, look_least_s=0.01, must_release=True)
LABELS = ("coral", "sand", "turf", "algae", "rubble", "sponge", "seagrass")
NAMES = ("moorea", "lizard", "heron", "ningaloo", "palmyra", "bonaire", "chagos", "aldabra", "wakatobi", "apo")


@dataclass(slots=True)
class Words:
    """Implements `ports.Service` and `ports.Images`; a job is done once it was looked at in two listings."""

    folder: Path
    at_once: bool = True
    jobs: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused:
        """Take a batch."""
        if len(self.jobs) - len(self.done) >= LIMITS.jobs_at_once:
            return outcomes.Refused(outcomes.Refusal.NO_SLOT)
        round_, place = divmod(len(self.jobs), len(NAMES))
        name = NAMES[place] + "-again" * round_
        self.jobs[name] = tuple(entries)
        return outcomes.Accepted(name)

    def listing(self, since: str | None = None, done_before: Sequence[str] = ()) -> outcomes.Listed:
        """The jobs; a marker is the job that was made last."""
        if self.at_once:
            self.work()
        names = list(self.jobs)
        newer = [] if since is None else names[names.index(since) + 1 if since in names else 0 :]
        finished = tuple(name for name in self.done if name not in self.released)
        active = tuple(name for name in names if name not in self.done)
        last = names[-1] if names else "none"
        return outcomes.Listed(active, finished, LIMITS.jobs_at_once, last, tuple(newer), since is not None)

    def work(self) -> None:
        """All jobs are done."""
        self.done += [name for name in self.jobs if name not in self.done]

    def look(self, job: str) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing:
        """How far a job is."""
        if job not in self.jobs:
            return outcomes.Missing()
        return outcomes.JobDone() if job in self.done else outcomes.Progress(0, 0, len(self.jobs[job]))

    def fetch(self, job: str) -> Answer | outcomes.NotReady | outcomes.Missing:
        """A job's result."""
        if job not in self.jobs or job in self.released:
            return outcomes.Missing()
        return Answer(tuple(map(_answered, self.jobs[job])), b"") if job in self.done else outcomes.NotReady()

    def release(self, job: str) -> outcomes.Done:
        """Let go of a job."""
        self.released += [job] if job not in self.released else []
        return outcomes.Done()

    def locate(self, image: PlannedImage) -> Located:
        """An image's file."""
        return Located(self.folder / image.name, image.size or Size(40, 30))


def _answered(entry: Entry) -> AnsweredEntry:
    if not isinstance(entry.place, Path) or not entry.place.is_file():
        return AnsweredEntry(entry.mark, (), Reason.NOT_FOUND)
    if entry.sha256 not in (None, sha256_hex(entry.place.read_bytes())):
        return AnsweredEntry(entry.mark, (), Reason.CHANGED)
    return AnsweredEntry(entry.mark, tuple(map(_scored, entry.points)), None)


def _scored(point: Point) -> ScoredPoint:
    first = (point.row + point.column) % len(LABELS)
    labels = LABELS[first:] + LABELS[:first]
    scores = (0.4, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02)
    return ScoredPoint(
        *point, tuple(Classification(s, None, of, of.title()) for s, of in zip(scores, labels, strict=True))
    )
