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
from tests.crash.scene import Diver, Harbour, harbour

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
class Sea:
    """One service, one undisturbed run on it, and divers that are drawn as they are needed."""

    harbour: Harbour
    folder: Path
    moments: list[str] = field(default_factory=list)
    expected: dict[str, bytes] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def diver(self) -> Diver:
        """A diver with an account and a folder of its own."""
        number = next(self._numbers)
        return Diver.at(self.folder / f"{number}", self.harbour, number)

    def live(self) -> None:
        """The undisturbed run, and the moments that it lived through."""
        diver, log = self.diver(), self.folder / "moments"
        diver.run("apply", "survey.yaml", DOOMED_LOG=str(log)).expect(0)
        self.moments = log.read_text(encoding="utf-8").splitlines()
        self.expected = diver.files()
        assert len(self.expected) > 10
        diver.check_jobs()

    def dies_at(self, moment: str) -> bool:
        """Kill a run at a moment and resume it; False when it had come to its end untouched."""
        diver = self.diver()
        killed = self._killed(diver, moment)
        self._finish(diver)
        return killed

    def dies_again_at(self, moment: str) -> bool:
        """Kill a run at the worst moment, kill its resume at another, and resume it once more."""
        diver = self.diver()
        assert self._killed(diver, WORST)
        killed = self._killed(diver, moment)
        self._finish(diver)
        return killed

    @staticmethod
    def _killed(diver: Diver, moment: str) -> bool:
        ended = diver.run(*diver.go_on(), DOOMED_AT=moment)
        if not ended.killed:
            ended.expect(0)
        return ended.killed

    def _finish(self, diver: Diver) -> None:
        diver.run(*diver.go_on()).expect(0)
        diver.check_jobs()
        assert diver.files() == self.expected


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sea]:
    with harbour(accounts=4 * MOST_MOMENTS) as running:
        sea = Sea(running, tmp_path_factory.mktemp("sea"))
        sea.live()
        yield sea


def test_a_run_killed_at_a_telling_moment_resumes_to_the_same_bytes(sea: Sea) -> None:
    assert set(TELLING) <= set(sea.moments)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        killed = list(pool.map(sea.dies_at, TELLING))
    assert all(killed)


@pytest.mark.parametrize("moment", ["mkdir .predictions.parquet.new", "replace .predictions.parquet.new"])
def test_a_run_killed_while_it_writes_its_last_table_has_it_after_the_resume(sea: Sea, moment: str) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    diver = sea.diver()
    diver.write_survey(formats="[csv, parquet]")

    assert diver.run("apply", "survey.yaml", DOOMED_AT=moment).killed

    diver.run("resume", "run").expect(0)
    (part,) = (diver.folder / "run" / "outputs" / "predictions.parquet").rglob("*.parquet")
    assert part.read_bytes()[-4:] == b"PAR1"
    assert diver.tables().items() <= sea.expected.items()


@pytest.mark.skipif(not ALL, reason="takes many minutes: CORALRUN_CRASH=all, or make soak-crash")
@pytest.mark.parametrize("life", ["run", "resume"])
def test_killed_at_every_moment_it_resumes_to_the_same_bytes(sea: Sea, life: str) -> None:
    dies = sea.dies_at if life == "run" else sea.dies_again_at
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
