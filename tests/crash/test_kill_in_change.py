"""Killed at any moment while it becomes what a changed survey says, a run is of the old plan or the new one, and whole.

`make test` tries a few telling moments; with CORALRUN_CRASH=all every moment of that `apply` is tried, for n = 1, 2,
3... until a process completes untouched. Whichever plan stands, the same `apply` again ends with the same bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.crash.test_kill import ALL, AT_ONCE, MOST_MOMENTS
from tests.crash.workspace import RunningService, Workspace, running_service

from coralrun.app.run.run_directory import open_run
from coralrun.store import plans

APPLY = ("apply", "survey.yaml")
FIRST, THEN, BATCHES = 3, 5, 2
"""The first survey names so many images; the changed one so many, without the first. Each sends one batch."""

TELLING = (
    "write half of .images.jsonl.new",
    "fsync inputs",
    "replace .survey.json.new",
    "unlink jobs.csv",
    "write half of journal-0.jsonl",
    "after POST /api/classifier/13/deploy/",
    "replace .jobs.csv.new",
)


@dataclass(slots=True)
class Changes:
    """One service, one undisturbed change of a run on it, and workspaces that are drawn as they are needed."""

    service: RunningService
    folder: Path
    moments: list[str] = field(default_factory=list)
    expected: dict[str, bytes] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def workspace(self) -> Workspace:
        """A workspace with a finished run, and a survey that says something else."""
        number = next(self._numbers)
        workspace = Workspace.at(self.folder / f"{number}", self.service, number)
        workspace.write_survey(filters=f"{{limit: {FIRST}}}")
        workspace.run(*APPLY).expect(0)
        first = self.service.coralnet.site.sources[0].photos[0].name
        workspace.write_survey(filters=f'{{exclude: ["{first}"], limit: {THEN}}}')
        return workspace

    def live(self) -> None:
        """The undisturbed change, and the moments that it lived through."""
        workspace, log = self.workspace(), self.folder / "moments"
        workspace.run(*APPLY, DOOMED_LOG=str(log)).expect(0)
        self.moments = log.read_text(encoding="utf-8").splitlines()
        self.expected = workspace.files()
        assert "plans/002/units.json" in self.expected
        workspace.check_jobs(batches=BATCHES)

    def dies_at(self, moment: str) -> bool:
        """Kill the change at a moment, look at what stands, and run it again; False when nothing was killed."""
        workspace = self.workspace()
        ended = workspace.run(*APPLY, DOOMED_AT=moment)
        opened = open_run(workspace.folder / "run")
        plans.check(opened.layout, opened.disk, opened.state)
        assert len(opened.plan.images) == (FIRST if opened.state.plan == 1 else THEN)
        workspace.run(*APPLY).expect(0)
        workspace.check_jobs(batches=BATCHES)
        assert workspace.files() == self.expected
        return ended.killed


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changes]:
    with running_service(accounts=MOST_MOMENTS) as running:
        changes = Changes(running, tmp_path_factory.mktemp("changes"))
        changes.live()
        yield changes


def test_a_change_killed_at_a_telling_moment_ends_as_if_it_had_not_been(changes: Changes) -> None:
    assert set(TELLING) <= set(changes.moments)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(changes.dies_at, TELLING))


@pytest.mark.skipif(not ALL, reason="takes minutes: CORALRUN_CRASH=all, or make soak-crash")
def test_a_change_killed_at_every_moment_ends_as_if_it_had_not_been(changes: Changes) -> None:
    count = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while count < MOST_MOMENTS:
            killed = list(pool.map(changes.dies_at, map(str, range(count + 1, count + AT_ONCE + 1))))
            count += sum(killed)
            if not all(killed):
                break
    print(f"kill points of a change: {count}, all outputs identical")
    assert 80 < count < MOST_MOMENTS, "nearly nothing was killed, or a change never came to its end"
