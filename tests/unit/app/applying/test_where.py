"""Where `apply` begins a run if nobody names a directory, and which one it goes on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.plans import PLAN
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.applying.where import place_of_plan, place_of_survey
from coralrun.app.run.run_directory import make_run, unseal
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

SURVEY = """\
version: 1
name: reef
classifier: {source: 1}
sources: [{coralnet: 2}]
sampling: {points: {from: coralnet}}
"""
OWN, ELSEWHERE = Path("runs/reef"), Path("runs/trial")


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SurveyFile:
    monkeypatch.chdir(tmp_path)
    Path("survey.yaml").write_text(SURVEY, encoding="utf-8")
    return read_survey(Path("survey.yaml"))


def interrupted(place: Path, file: SurveyFile | None) -> Layout:
    """An unfinished run of a survey."""
    if file is None:
        make_run(Layout(place), PLAN, None, account="demo", clock=SystemClock())
        return Layout(place)
    opened = finished_run(place, [Photo("a.jpg", sure("A"))])
    make_run(opened.layout, replace(opened.plan, name=file.survey.name), file, account="demo", clock=SystemClock())
    unseal(opened.layout, Disk())
    return opened.layout


def test_an_unfinished_run_elsewhere_is_gone_on_with_and_not_begun_again(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place_of_survey(survey, Printer()) == OWN
    interrupted(ELSEWHERE, survey)
    assert place_of_survey(survey, Printer()) == ELSEWHERE
    said = "runs/trial: this survey has a run here that is not over; name a directory to begin another"
    assert said in capsys.readouterr().err
    changed = replace(survey, limit=1)
    assert place_of_survey(changed, Printer()) == ELSEWHERE, "its file is the same"
    interrupted(OWN, survey)
    assert place_of_survey(survey, Printer()) == OWN, "the survey's own place comes first"


def test_a_run_that_is_over_or_of_another_survey_hinders_no_new_one(survey: SurveyFile) -> None:
    layout = interrupted(ELSEWHERE, survey)
    other = Path("other.yaml")
    other.write_text(SURVEY, encoding="utf-8")
    assert place_of_survey(read_survey(other), Printer()) == OWN
    assert place_of_survey(replace(survey, path=None), Printer()) == OWN, "the same words, said in Python"
    finished_run(layout.root, [Photo("a.jpg", sure("A"))])
    assert place_of_survey(survey, Printer()) == OWN


def test_a_second_run_of_a_survey_is_told_of_before_it_begins(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(ELSEWHERE, survey)
    Path("survey.yaml").write_text(SURVEY.replace("reef", "atoll"), encoding="utf-8")
    assert place_of_survey(read_survey(Path("survey.yaml")), Printer()) == Path("runs/atoll")
    first = "runs/trial is a run of this survey too; runs/atoll begins anew, with all images."
    assert capsys.readouterr().out == f"{first} To go on with it: call the survey `reef` again.\n"


def test_a_survey_whose_file_and_name_are_changed_at_once_is_known_by_what_it_says(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(OWN, survey)
    renamed = Path("atoll.yaml")
    renamed.write_text(SURVEY.replace("reef", "atoll"), encoding="utf-8")
    assert place_of_survey(read_survey(renamed), Printer()) == Path("runs/atoll")
    assert capsys.readouterr().out == "", "a copy is another survey"
    Path("survey.yaml").unlink()
    assert place_of_survey(read_survey(renamed), Printer()) == Path("runs/atoll")
    assert capsys.readouterr().out.startswith("runs/reef is a run of this survey too;")


def test_words_said_in_python_and_a_saved_plan_are_known_again(survey: SurveyFile) -> None:
    in_python = replace(survey, path=None)
    interrupted(ELSEWHERE, in_python)
    assert place_of_survey(in_python, Printer()) == ELSEWHERE
    assert place_of_survey(replace(in_python, limit=1), Printer()) == OWN, "other words"
    assert place_of_plan(PLAN, Printer()) == Path("runs") / PLAN.name
    interrupted(Path("runs/saved"), None)
    assert place_of_plan(PLAN, Printer()) == Path("runs/saved")


@pytest.mark.parametrize("where", [("photos/2026", "../../runs/reef"), ("elsewhere", "../runs/reef")])
def test_a_survey_that_is_applied_from_another_folder_goes_on_with_its_run(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: tuple[str, str]
) -> None:
    interrupted(OWN, survey)
    called_from, shown = where
    folder = Path(called_from)
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert place_of_survey(survey, Printer()) == Path(shown)
    assert f"{shown}: this survey has a run there" in capsys.readouterr().err
    Path(shown, "run.json").unlink()
    assert place_of_survey(survey, Printer()) == OWN, "no run is there any more"


def test_the_run_of_a_survey_in_a_folder_below_is_found_from_that_folder(
    survey: SurveyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("surveys").mkdir()
    Path("surveys/other.yaml").write_text(SURVEY, encoding="utf-8")
    below = read_survey(Path("surveys/other.yaml"))
    interrupted(OWN, below)
    monkeypatch.chdir("surveys")
    assert place_of_survey(below, Printer()) == Path("../runs/reef")
    assert place_of_survey(survey, Printer()) == OWN, "a run is that of one survey"
