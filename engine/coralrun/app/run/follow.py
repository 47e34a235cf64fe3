"""A run watched while another process works on it: what that process tells, told here too.

Rule: only the run's files are read, and nothing is changed. It ends when no process works on the run any more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coralrun.app.run.headway import Milestones
from coralrun.app.run.progress import PlainProgress
from coralrun.app.run.run_directory import check_exists
from coralrun.app.run.standing import Standing, seen
from coralrun.machine.durable import Durable
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.ports import Clock
from coralrun.service.limits import ServiceLimits
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

EVERY_S = 1.0


def follow(directory: Path, tell: Callable[[str], None], clock: Clock) -> None:
    """Tell what happens, and what is waited for where that is something else than before."""
    layout, disk = Layout(directory), Disk()
    check_exists(layout)
    loaded, watcher, said = run.load(layout, disk), PlainProgress(tell), ""
    milestones = Milestones(tell)
    while True:
        loaded, happened = run.newer(layout, disk, loaded)
        for fact in happened:
            watcher.happened(_seen_from_outside(loaded.state), fact)
        standing, process = seen(layout, loaded.state)
        if standing is not Standing.WORKING or process is None:
            return
        milestones.passed(process.done_in_jobs, loaded.state.units_over + process.done_in_jobs, loaded.state.wanted)
        doing = process.doing.partition(" for ")
        if doing[2] and doing[2] != said:
            said = doing[2]
            tell(process.doing)
        clock.sleep(EVERY_S)


def _seen_from_outside(durable: Durable) -> State:
    """A state of which only what is durable is known."""
    allowed = ServiceLimits(jobs_at_once=1, entries_per_job=1)
    setup = Setup(entries=(), sizes=(), batch_size=1, concurrency=1, attempts=1, allowed=allowed)
    return State(setup, durable, Volatile(started_s=0.0))
