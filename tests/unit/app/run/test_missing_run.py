"""What is said where no run is: whatever run may be meant is named as it is typed from here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.run.missing_run import no_run_at, no_run_here


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one run, and a folder of photos below it."""
    folder = tmp_path / "reef survey"
    (folder / "photos/north").mkdir(parents=True)
    monkeypatch.chdir(folder)
    finished_run(Path("runs/reef"), [Photo("a.jpg", sure("A"))]).layout.root.rename("runs/reef 2024")
    return folder


@pytest.mark.parametrize("typed", ["reef 2024", "runs/reeef 2024", "runs/Reef-2024", "reef2024"])
def test_a_run_that_is_named_without_its_folder_or_misspelt_is_shown_as_it_is_typed(typed: str) -> None:
    error = no_run_at(Path(typed))
    assert str(error) == f"{typed}: holds no run; there is runs/reef 2024"
    assert error.remedy == "If that is meant, name it: 'runs/reef 2024'"


def test_a_run_that_was_put_deeper_is_shown_and_of_one_name_the_least_deep() -> None:
    Path("runs/2024").mkdir()
    Path("runs/reef 2024").rename("runs/2024/reef 2024")
    shutil.copytree("runs/2024", "runs/kept/2024")
    assert str(no_run_at(Path("reef 2024"))).endswith("there is runs/2024/reef 2024")


def test_what_is_near_no_run_is_told_what_a_run_is() -> None:
    assert no_run_at(Path("nowhere/else")).remedy == "Name the directory of a run: the one with a run.json."
    survey = Path("reef-2024.yaml")
    survey.touch()
    assert no_run_at(survey).remedy.endswith("is begun and gone on with by: coralrun apply reef-2024.yaml")


@pytest.mark.parametrize(("below", "up"), [("photos", ".."), ("photos/north", "../..")])
def test_whoever_stands_below_the_folder_of_the_runs_is_told_where_they_are(
    project: Path, monkeypatch: pytest.MonkeyPatch, below: str, up: str
) -> None:
    monkeypatch.chdir(below)
    error = no_run_here(unfinished=False)
    assert str(error) == f"there is no run under runs/ in {project / below}"
    assert str(no_run_here(unfinished=True)) == f"no run under runs/ in {project / below} is unfinished"
    assert error.remedy.startswith(f"There are runs in {up}, a folder above: `cd {up}`, or name one of them.")
