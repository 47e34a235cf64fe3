"""A service that is nothing like CoralNet passes the suite, and carries a run from the survey to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from coralrun.app.apply import carry_out
from coralrun.app.run_directory import holding, make_run, open_run
from coralrun.app.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.driver import Ending
from coralrun.machine.decide import Decision
from coralrun.machine.facts import Collected, Fact, Intended
from coralrun.machine.state import State
from coralrun.planning.compile import compile_plan
from coralrun.planning.model import Classifier, Plan, Point
from coralrun.ports import Entry
from coralrun.service_limits import ServiceLimits
from coralrun.sources.manifest import read_manifest
from coralrun.store.layout import Layout

from .conformance import Bench, ServiceConformance
from .words import LIMITS, Words


@dataclass
class WordsBench:
    words: Words
    limits: ServiceLimits = LIMITS

    def service(self) -> Words:
        return self.words

    def entries(self, count: int, points: Sequence[Point]) -> list[Entry]:
        return [Entry(f"r.1.1.{n}", self.words.folder / "a.jpg", tuple(points)) for n in range(count)]

    def work(self) -> None:
        self.words.work()


class TestWords(ServiceConformance):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        (tmp_path / "a.jpg").write_bytes(b"")
        return WordsBench(Words(tmp_path, at_once=False))


SURVEY = """version: 1
name: words
service: https://words.example
classifier: {id: 1}
sources: [{manifest: images.csv}]
sampling: {points: {method: simple random, number_of_points: 250}}
run: {batch_size: 2, patience: 1s}
outputs: {directory: run}
"""


@dataclass(slots=True)
class Reach:
    """The way to it, as `carry_out` wants one."""

    words: Words
    clock: SystemClock
    limits: ServiceLimits = LIMITS
    budget: None = None

    def service(self, classifier: str) -> Words:
        """The service."""
        return self.words

    def images(self, plan: Plan) -> Words:
        """The images."""
        return self.words


class Killed(BaseException):
    """The process dies here."""


class Killer:
    """A watcher that lets the process die after the first fact of a kind."""

    def __init__(self, kind: type | None) -> None:
        self._kind = kind

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Nothing is told."""

    def happened(self, state: State, fact: Fact) -> None:
        """Die after the fact."""
        if self._kind is not None and isinstance(fact, self._kind):
            raise Killed

    def is_set(self) -> bool:
        """Nobody interrupts."""
        return False


def made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A run of five photos, of which one is gone, from its survey."""
    monkeypatch.chdir(folder)
    for name in ("a", "b", "c", "e"):
        (folder / f"{name}.jpg").write_bytes(b"")
    rows = "".join(f"{name}.jpg,https://photos.example/{name}.jpg\n" for name in "abcde")
    (folder / "images.csv").write_text("name,url\n" + rows)
    (folder / "survey.yaml").write_text(SURVEY)
    file = read_survey(folder / "survey.yaml")
    images = read_manifest("images.csv", (folder / "images.csv").read_bytes()).images
    inventory = [(file.survey.sources[0], images)]
    plan = compile_plan(file.survey, inventory, Classifier(id="1"), file.digest, {}, None, allowed=LIMITS)
    layout = Layout(folder / "run")
    with holding(layout):
        make_run(layout, plan, file, account="nobody", clock=SystemClock())
    return layout


def carried(layout: Layout, words: Words, dies_after: type | None = None) -> Ending:
    """One process that carries the run on."""
    killer = Killer(dies_after)
    with holding(layout):
        return carry_out(open_run(layout.root), Reach(words, SystemClock()), killer, killer)


def tables(layout: Layout) -> dict[str, bytes]:
    """The tables but those of chance."""
    return {path.name: path.read_bytes() for path in layout.outputs.glob("*.csv") if path.name != "jobs.csv"}


def test_a_run_goes_from_survey_to_tables_though_it_is_killed_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir()
    killed.mkdir()
    straight = made(undisturbed, monkeypatch)
    assert carried(straight, Words(undisturbed)) is Ending.FINISHED

    layout, words = made(killed, monkeypatch), Words(killed)
    for fact in (Intended, Collected):
        with pytest.raises(Killed):
            carried(layout, words, dies_after=fact)
    assert carried(layout, words) is Ending.FINISHED
    state = open_run(layout.root).state
    assert (state.succeeded, len(state.ended), state.doubts) == (4, 1, [])
    assert set(words.jobs) == {job.job for job in state.closed}, "each job that was made is known"
    assert set(words.released) >= {state.closed[-1].job}
    assert tables(layout) == tables(straight)
    assert b"coral" in tables(layout)["predictions.csv"]
