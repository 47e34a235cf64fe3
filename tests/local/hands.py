"""A cluster in this process, for tests: it computes when it is told to, and does what a test has in mind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.local.service import LocalService
from coralrun.local.spool import Spool
from coralrun.local.tasks import Came, Task
from coralrun.local.work import classify
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.images import Size
from coralrun.ports import Home, Located
from coralrun.store.files import Disk

from .instant import LABELS, Instant


@dataclass
class Hands:
    """Implements `tasks.Cluster`; `fate` says what becomes of a task, None where it is computed."""

    threads: int = 2
    photo_bytes: int | None = None
    trouble: str = ""
    photos_at_once: int = 1
    worked: tuple[float, int] = (0.0, 0)
    fate: Callable[[Task], Came | None] = lambda task: None
    sent: list[Task] = field(default_factory=list)
    waiting: list[Task] = field(default_factory=list)

    def send(self, tasks: Sequence[Task]) -> None:
        self.sent += tasks
        self.waiting += tasks

    @property
    def addresses(self) -> list[str]:
        return ["here"]

    def digests(self, path: str) -> dict[str, str]:
        return {"here": hashlib.sha256(Path(path).read_bytes()).hexdigest()}

    def close(self) -> None:
        """Nothing was taken."""

    def take(self, timeout_s: float) -> list[tuple[str, Came]]:
        tasks, self.waiting = self.waiting, []
        return [(task.key, self.fate(task) or computed(task)) for task in tasks]


def computed(task: Task) -> Came:
    """What a worker makes of a task."""
    return classify(Instant(), task.place, task.points, task.sha256)


Locate = Callable[[int], Located | Unusable | Trouble]


def service_at(
    folder: Path,
    hands: Hands,
    *,
    locate: Locate | None = None,
    wanted: Sequence[str] | None = None,
    most_jobs: int = 3,
    nonce: str = "n",
    wall_s: float = 0.0,
    classifier: str = "instant",
) -> LocalService:
    """The service of a run in a folder, as a new process reaches it; the run asks for all jobs, unless told."""
    spool = Spool(folder / "spool", Disk())
    wanted = [*spool.jobs()] if wanted is None else wanted
    locate = locate or (lambda unit: Located(folder / f"{unit:05d}.jpg", Size(40, 30)))
    return LocalService(
        classifier=classifier,
        labels=LABELS,
        spool=spool,
        home=Home(spool.folder, wanted, locate),
        most_jobs=most_jobs,
        cluster=hands,
        nonce=nonce,
        wall_s=lambda: wall_s,
    )
