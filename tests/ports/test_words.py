"""A service that is nothing like CoralNet passes the suite, and carries a run from the survey to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun import services
from coralrun.app.applying.carry_out import carry_out
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.run.run_directory import holding, make_run, open_run
from coralrun.app.survey.survey_file import read_survey
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.driver import Ending
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED
from coralrun.machine.decide import Decision
from coralrun.machine.facts import Collected, Fact, Intended
from coralrun.machine.state import State
from coralrun.planning.images import Point
from coralrun.ports import Entry
from coralrun.reaching import tells_nobody
from coralrun.results.tables import BY_CHANCE
from coralrun.service.limits import ServiceLimits
from coralrun.store.layout import Layout

from .conformance import Bench, ServiceConformance
from .words import LABELS, LIMITS, Words
from .words_entry import entry


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
service: words
classifier: {id: best-of-all}
sources: [{manifest: images.csv}]
sampling: {points: {method: simple random, number_of_points: 250}}
design: {unit: site}
run: {batch_size: 2}
outputs: {directory: run}
"""


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


def survey_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Words:
    """A survey of five photos, of which one is gone, and the one line of registry by which its service is known."""
    words = Words(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(services, "SERVICES", (*services.SERVICES, entry(words)))
    for name in ("a", "b", "c", "e"):
        (folder / f"{name}.jpg").write_bytes(b"")
    rows = "".join(f"{name}.jpg,https://photos.example/{name}.jpg,{'ab'[name > 'b']}\n" for name in "abcde")
    (folder / "images.csv").write_text("name,url,site\n" + rows)
    (folder / "survey.yaml").write_text(SURVEY)
    return words


def made(folder: Path) -> Layout:
    """A run, from its survey."""
    file = read_survey(folder / "survey.yaml")
    connection = services.connect("words", file.survey.options)
    plan = make_plan(file, connection, tells_nobody).plan
    layout = Layout(folder / "run")
    with holding(layout):
        make_run(layout, plan, file, account=connection.account, clock=SystemClock())
    return layout


def carried(layout: Layout, dies_after: type | None = None) -> Ending:
    """One process that carries the run on."""
    killer = Killer(dies_after)
    with holding(layout):
        return carry_out(open_run(layout.root), services.connect("words", {}), killer, killer)


def tables(layout: Layout) -> dict[str, bytes]:
    """The tables but those of chance."""
    return {path.name: path.read_bytes() for path in layout.outputs.glob("*.csv") if path.name not in BY_CHANCE}


def test_a_run_goes_from_survey_to_tables_though_it_is_killed_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir()
    killed.mkdir()
    with monkeypatch.context() as context:
        survey_in(undisturbed, context)
        straight = made(undisturbed)
        assert carried(straight) is Ending.FINISHED

    words = survey_in(killed, monkeypatch)
    layout = made(killed)
    for fact in (Intended, Collected):
        with pytest.raises(Killed):
            carried(layout, dies_after=fact)
    assert carried(layout) is Ending.FINISHED
    state = open_run(layout.root).state
    assert (state.succeeded, len(state.ended), state.doubts) == (4, 1, [])
    assert set(words.jobs) == {job.job for job in state.closed}, "each job that was made is known"
    assert set(words.released) >= {state.closed[-1].job}
    assert tables(layout) == tables(straight)
    assert b"coral" in tables(layout)["predictions.csv"]


def test_every_command_works_with_a_service_that_is_one_line_of_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey_in(tmp_path, monkeypatch)
    said = {}
    for command in (
        *("doctor survey.yaml", "plan survey.yaml --offline", "apply survey.yaml --yes --offline", "resume run"),
        *("status run", "report run", "verify run", "export run --format matrix --out matrix.csv"),
        "review run --sample 1",
    ):
        done = CliRunner().invoke(app, command.split())
        assert done.exit_code in (EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED), f"{command}: {done.output}"
        said[command.split()[0]] = done.output
    assert "2 of 2 jobs are free" in said["doctor"]
    assert "classifier  best-of-all" in said["plan"]
    assert "5 = 4 succeeded + 1 failed + 0 skipped" in said["status"]
    assert "labelled by Words with classifier best-of-all" in (tmp_path / "run/report/index.html").read_text()
    assert "CoralNet" not in (tmp_path / "run/ro-crate-metadata.json").read_text()
    heading, *rows = (tmp_path / "matrix.csv").read_text().splitlines()
    assert sorted(heading.split(",")[1:]) == sorted(LABELS)
    assert [row.split(",")[0] for row in rows] == ["a", "b"]
