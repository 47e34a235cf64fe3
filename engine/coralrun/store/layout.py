"""Where everything stands in a run directory.

Rule: every path of a run is made here, from numbers and fixed words; no name that came from outside is part of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coralrun.machine.job_id import attempt_name

_JOURNAL = re.compile(r"journal-(\d{1,12})\.jsonl")
_SNAPSHOT = re.compile(r"snapshot-(\d{1,12})\.json")
_PHOTO = re.compile(r"photo-(\d{1,9})-(\d{1,6})x(\d{1,6})\.jpg")
_TORN = re.compile(r"torn-\d{1,12}\.txt")
_PLAN = re.compile(r"\d{3,6}")

FIRST_PLAN = 1
"""The number of the plan that a run begins with."""


@dataclass(frozen=True, slots=True)
class PlanLayout:
    """The paths of the folder of one plan: what is run, what it was made from, and how it is read."""

    root: Path

    @property
    def survey(self) -> Path:
        """The resolved survey in canonical form."""
        return self.root / "survey.json"

    @property
    def inputs(self) -> Path:
        """The files as the user wrote them."""
        return self.root / "inputs"

    @property
    def header(self) -> Path:
        """What the plan says of all its images together."""
        return self.root / "plan.json"

    @property
    def images(self) -> Path:
        """One line an image."""
        return self.root / "images.jsonl"

    @property
    def points(self) -> Path:
        """One line an image, where no design lays the points."""
        return self.root / "points.jsonl"

    @property
    def units(self) -> Path:
        """Which unit of work stands for each image."""
        return self.root / "units.json"

    @property
    def analysis(self) -> Path:
        """How the run is read: its design, label groups and formats; a later `apply` may replace it."""
        return self.root / "analysis.json"

    @property
    def confusion(self) -> Path:
        """What the service itself found the plan's classifier to take for what, where it says so."""
        return self.root / "confusion.json"

    def all_paths(self) -> tuple[Path, ...]:
        """Everything that may stand directly in the folder of a plan."""
        return (
            self.survey,
            self.inputs,
            self.header,
            self.images,
            self.points,
            self.units,
            self.analysis,
            self.confusion,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one run directory; `derived` is another folder for its tables, to compare them with."""

    root: Path
    derived: Path | None = None

    @property
    def identity(self) -> Path:
        """What the run is, whatever is planned: lineage, versions, service, account."""
        return self.root / "run.json"

    @property
    def plans(self) -> Path:
        """A folder for each plan of the run."""
        return self.root / "plans"

    def plan(self, number: int) -> PlanLayout:
        """The folder of plan `number`, which counts from 1."""
        return PlanLayout(self.plans / f"{number:03d}")

    @property
    def lock(self) -> Path:
        """The lock; never replaced, never deleted."""
        return self.root / "run.lock"

    @property
    def owner(self) -> Path:
        """Who holds the lock, since when."""
        return self.root / "run.owner"

    @property
    def now(self) -> Path:
        """What the process at work is doing, for people; there only while one works."""
        return self.root / "run.now"

    @property
    def untold(self) -> Path:
        """What somebody has to know of the run, and was not told yet; gone once it was."""
        return self.root / "run.untold"

    @property
    def state(self) -> Path:
        """Journals and snapshots."""
        return self.root / "state"

    def all_paths(self) -> tuple[Path, ...]:
        """Everything that may stand directly in a run directory."""
        return (
            self.identity,
            self.plans,
            self.lock,
            self.owner,
            self.now,
            self.untold,
            self.state,
            self.results,
            self.spool,
            self.points,
            self.outputs,
            self.reviews,
            self.report,
            self.crate,
            self.log,
        )

    def folders(self) -> tuple[Path, ...]:
        """The folders of a run directory but those of its plans."""
        return (self.state, self.results, self.points, self.plans, self.outputs, self.reviews, self.report)

    def journal(self, after: int) -> Path:
        """The facts after fact number `after`."""
        return self.state / f"journal-{after}.jsonl"

    def snapshot(self, after: int) -> Path:
        """The state after fact number `after`."""
        return self.state / f"snapshot-{after}.json"

    def torn(self, after: int) -> Path:
        """A last line that was never finished, set aside; `after` is the last fact before it."""
        return self.state / f"torn-{after}.txt"

    @property
    def results(self) -> Path:
        """The result of each job, and the service's own reply beside it."""
        return self.root / "results"

    def blob(self, batch: int, attempt: int) -> Path:
        """One job's result."""
        return self.results / f"{attempt_name(batch, attempt)}.json.gz"

    def reply(self, batch: int, attempt: int) -> Path:
        """The service's own reply that a job's result was made from."""
        return self.results / f"{attempt_name(batch, attempt)}.reply.gz"

    @property
    def spool(self) -> Path:
        """Where a service on this computer keeps its jobs; there only while it has some."""
        return self.root / "spool"

    @property
    def points(self) -> Path:
        """The points of each job's result as columns; derived."""
        return (self.derived or self.root) / "points"

    def segment(self, batch: int, attempt: int) -> Path:
        """The points of one job's result."""
        return self.points / f"{attempt_name(batch, attempt)}.points"

    @property
    def outputs(self) -> Path:
        """The tables; derived."""
        return (self.derived or self.root) / "outputs"

    @property
    def crate(self) -> Path:
        """Where the results come from, as an RO-Crate; derived."""
        return self.root / "ro-crate-metadata.json"

    @property
    def report(self) -> Path:
        """The report and its pictures; derived, but for the pictures' photos, which were fetched."""
        return self.root / "report"

    @property
    def report_page(self) -> Path:
        """The report, whole in one file."""
        return self.report / "index.html"

    def photo(self, unit: int, width: int, height: int) -> Path:
        """A photo made smaller, of unit of work `unit`; `width` and `height` are its stored ones."""
        return self.report / f"photo-{unit}-{width}x{height}.jpg"

    def photo_of(self, unit: int, names: Iterable[str]) -> tuple[Path, int, int] | None:
        """The smaller photo of a unit among the names in `report`, with its stored width and height."""
        for name in names:
            match = _PHOTO.fullmatch(name)
            if match and int(match[1]) == unit:
                return self.report / name, int(match[2]), int(match[3])
        return None

    def patch(self, unit: int, point: int) -> Path:
        """The patch around a point of a unit, which counts from 1."""
        return self.report / f"patch-{unit}-{point}.jpg"

    def drawn_photo(self, unit: int) -> Path:
        """A photo with its points drawn on it, where `show` writes it unless told otherwise."""
        return self.report / f"show-{unit}.jpg"

    @property
    def reviews(self) -> Path:
        """What people said: never derived, never written over."""
        return self.root / "reviews"

    @property
    def reviews_index(self) -> Path:
        """The draws and imports of reviews, each with the SHA-256 of its file."""
        return self.reviews / "index.json"

    def drawn(self, number: int) -> Path:
        """One draw of points to review."""
        return self.reviews / f"drawn-{number}.csv"

    def imported(self, number: int, suffix: str) -> Path:
        """One file that people filled in, as it was given; `suffix` is one of a few fixed ones."""
        return self.reviews / f"imported-{number}{suffix}"

    @property
    def log(self) -> Path:
        """Diagnostics; never read back."""
        return self.root / "log.jsonl"


def journal_number(name: str) -> int | None:
    """The number in a journal's file name, None for any other name."""
    match = _JOURNAL.fullmatch(name)
    return int(match[1]) if match else None


def snapshot_number(name: str) -> int | None:
    """The number in a snapshot's file name, None for any other name."""
    match = _SNAPSHOT.fullmatch(name)
    return int(match[1]) if match else None


def plan_number(name: str) -> int | None:
    """The number of the plan that a folder's name stands for, None for any other name."""
    match = _PLAN.fullmatch(name)
    return int(match[0]) if match else None


def is_torn(name: str) -> bool:
    """Whether a file's name is that of a last line that was set aside."""
    return _TORN.fullmatch(name) is not None
