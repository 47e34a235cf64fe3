"""A run that is followed is told as by the process that works on it, until that process has ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.plans import PLAN

from coralrun.app.run.follow import follow
from coralrun.app.run.run_directory import holding, make_run
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.planning.images import Size
from coralrun.store import notice, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

AT = "2026-01-01T00:00:00Z"
SENT = (
    facts.Opened(AT, "1"),
    facts.Batched.of(1, (0,)),
    facts.Intended.of(AT, 1, 1, 1, "0", (), (Size(9, 9),)),
    facts.Submitted(AT, 1, 1, "7"),
)


class Clock(SystemClock):
    """Between two looks the other process does the next thing."""

    def __init__(self, *steps: Callable[[], None]) -> None:
        self.steps = list(steps)

    def sleep(self, seconds: float) -> None:
        self.steps.pop(0)()


@pytest.mark.parametrize("snapshot_every", [2_000, 1])
def test_what_another_process_does_is_told_until_it_has_ended(tmp_path: Path, snapshot_every: int) -> None:
    layout, disk, told = Layout(tmp_path / "run"), Disk(), list[str]()
    make_run(layout, PLAN, None, account="a", clock=SystemClock())
    loaded = run.load(layout, disk)
    journal = RunJournal(layout, disk, loaded, snapshot_every=snapshot_every)

    def says(doing: str, *happened: facts.Fact) -> Callable[[], None]:
        def step() -> None:
            for fact in happened:
                journal.append((fact,))
                apply(loaded.state, fact)
            notice.write(layout.now, notice.Notice(SystemClock().utc(), doing))

        return step

    with holding(layout):
        says("waiting 9 s for the first thing")()
        collected = facts.Collected(AT, 1, 1, "7", "0" * 64, 1)
        clock = Clock(
            says("waiting 8 s for the first thing", *SENT),
            says("waiting 3 s for another", collected),
            lambda: notice.drop(layout.now),
        )
        follow(layout.root, told.append, clock)
    journal.close()

    waits = ["waiting 9 s for the first thing", "waiting 3 s for another"]
    done = ["batch 1 is job 7", "batch 1 is done: 1 image; 1 of 1 image done"]
    assert told == ([waits[0], *done, waits[1]] if snapshot_every > 1 else waits)


def test_a_folder_without_a_run_is_not_followed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        follow(tmp_path, print, SystemClock())
