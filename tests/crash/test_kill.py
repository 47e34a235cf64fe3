"""Killed at any moment, and resumed, a run ends with the same bytes and without a second job.

`make test` tries a dozen telling moments; with CORALRUN_CRASH=all every moment is tried, first of a whole run, then of
a resume after the worst of them, for n = 1, 2, 3... until a process completes untouched.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.crash.workspace import RunningService, Workspace, running_service

ALL = os.environ.get("CORALRUN_CRASH") == "all"
AT_ONCE = 4
MOST_MOMENTS = 400

TELLING = (
    "replace .run.json.new",
    "fsync .run.json.new",
    "write half of .images.jsonl.new",
    "replace .units.json.new",
    "write half of .journal-0.jsonl.new",
    "replace .journal-0.jsonl.new",
    "fsync state",
    "write half of journal-0.jsonl",
    "fsync journal-0.jsonl",
    "before POST /api/classifier/13/deploy/",
    "after POST /api/classifier/13/deploy/",
    "replace .b00001.a1.json.gz.new",
    "fsync results",
    "write half of .predictions.csv.new",
    "replace .failures.csv.new",
    "replace .ro-crate-metadata.json.new",
    "replace .jobs.csv.new",
)
WORST = "after POST /api/classifier/13/deploy/"


@dataclass(slots=True)
class Kills:
    """One service, one undisturbed run on it, and workspaces that are drawn as they are needed."""

    service: RunningService
    folder: Path
    moments: list[str] = field(default_factory=list)
    expected: dict[str, bytes] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def workspace(self) -> Workspace:
        """A workspace with an account and a folder of its own."""
        number = next(self._numbers)
        return Workspace.at(self.folder / f"{number}", self.service, number)

    def live(self) -> None:
        """The undisturbed run, and the moments that it lived through."""
        workspace, log = self.workspace(), self.folder / "moments"
        workspace.run("apply", "survey.yaml", DOOMED_LOG=str(log)).expect(0)
        self.moments = log.read_text(encoding="utf-8").splitlines()
        self.expected = workspace.files()
        assert len(self.expected) > 10
        workspace.check_jobs()

    def dies_at(self, moment: str) -> bool:
        """Kill a run at a moment and resume it; False when it had come to its end untouched."""
        workspace = self.workspace()
        killed = self._killed(workspace, moment)
        self._finish(workspace)
        return killed

    def dies_again_at(self, moment: str) -> bool:
        """Kill a run at the worst moment, kill its resume at another, and resume it once more."""
        workspace = self.workspace()
        assert self._killed(workspace, WORST)
        killed = self._killed(workspace, moment)
        self._finish(workspace)
        return killed

    @staticmethod
    def _killed(workspace: Workspace, moment: str) -> bool:
        ended = workspace.run(*workspace.go_on(), DOOMED_AT=moment)
        if not ended.killed:
            ended.expect(0)
        return ended.killed

    def _finish(self, workspace: Workspace) -> None:
        workspace.run(*workspace.go_on()).expect(0)
        workspace.check_jobs()
        assert workspace.files() == self.expected


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    with running_service(accounts=4 * MOST_MOMENTS) as running:
        kills = Kills(running, tmp_path_factory.mktemp("kills"))
        kills.live()
        yield kills


def test_a_run_killed_at_a_telling_moment_resumes_to_the_same_bytes(kills: Kills) -> None:
    assert set(TELLING) <= set(kills.moments)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        killed = list(pool.map(kills.dies_at, TELLING))
    assert all(killed)


@pytest.mark.parametrize("moment", ["mkdir .predictions.parquet.new", "replace .predictions.parquet.new"])
def test_a_run_killed_while_it_writes_its_last_table_has_it_after_the_resume(kills: Kills, moment: str) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    workspace = kills.workspace()
    workspace.write_survey(formats="[csv, parquet]")

    assert workspace.run("apply", "survey.yaml", DOOMED_AT=moment).killed

    workspace.run("resume", "run").expect(0)
    (part,) = (workspace.folder / "run" / "outputs" / "predictions.parquet").rglob("*.parquet")
    assert part.read_bytes()[-4:] == b"PAR1"
    assert workspace.tables().items() <= kills.expected.items()


@pytest.mark.skipif(not ALL, reason="takes many minutes: CORALRUN_CRASH=all, or make soak-crash")
@pytest.mark.parametrize("life", ["run", "resume"])
def test_killed_at_every_moment_it_resumes_to_the_same_bytes(kills: Kills, life: str) -> None:
    dies = kills.dies_at if life == "run" else kills.dies_again_at
    count = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while count < MOST_MOMENTS:
            block = map(str, range(count + 1, count + AT_ONCE + 1))
            killed = list(pool.map(dies, block))
            count += sum(killed)
            if not all(killed):
                break
    print(f"kill points of a {life}: {count}, all outputs identical")
    assert 80 < count < MOST_MOMENTS, "nearly nothing was killed, or a run never came to its end"
