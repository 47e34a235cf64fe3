"""The example in the help of each command works as it stands, for whoever has the files that it names."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from PIL import Image
from tests import tiny_classifier
from tests.unit.cli.test_help import example_of
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.classifiers import extractors
from coralrun.cli.help import COMMANDS
from coralrun.cli.main import app

ELSEWHERE = {
    *("annotate", "metadata", "upload"),  # they write to a source of CoralNet
    "emulator",  # it serves until it is told to end
    *("apply", "resume"),  # sessions of the documents have them
}
SURVEY = """
version: 1
name: reef
service: emulator
classifier: {source: 1}
sources: [{coralnet: 1}]
sampling: {points: {method: simple random, number_of_points: 2}}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the examples name: a survey, a run, photos, labels of which nothing says who gave them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    monkeypatch.setattr(extractors, "DEFAULT", tiny_classifier.extractor())  # that of coralrun takes long to build
    tiny_classifier.write(tmp_path / "trained", extractors.cache_directory())
    Path("survey.yaml").write_text(SURVEY)
    Path("photos").mkdir()
    rows = ["Name,Row,Column,Label"]
    for number, colour in enumerate(("red", "blue"), 1):
        Image.new("RGB", (300, 300), colour).save(f"photos/quadrat_0{number}.jpg")
        rows += [f"quadrat_0{number}.jpg,7,{column},{colour}" for column in range(5)]
    Path("labels.csv").write_text("\n".join(rows))
    photos = [Photo(f"quadrat_0{number}.jpg", sure(["red"] * 5), (site,)) for number, site in ((1, "n"), (2, "s"))]
    finished_run(Path("runs/my-reef"), photos, fields=("site",), service="emulator")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ELSEWHERE])
def test_the_example_of_a_command_works_as_it_stands(command: str) -> None:
    _, *words = shlex.split(example_of(command).partition(" > ")[0])
    if command == "init":  # of whoever has no survey yet, and has trained a classifier
        Path("survey.yaml").unlink()
        Path("models").mkdir()
        Path("trained").rename("models/reef")
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
