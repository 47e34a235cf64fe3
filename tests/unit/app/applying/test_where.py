"""Where `apply` begins a run if nobody names a directory, and which one it goes on with."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.plans import PLAN
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.applying.where import place_of_plan, place_of_survey
from coralrun.app.run.remembered import remember
from coralrun.app.run.run_directory import make_run, open_run, unseal
from coralrun.app.run.runs import remove
from coralrun.app.survey.kept_survey import survey_form
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.errors import SurveyChanged
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import read_identity

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
    """A survey, where each run begins a minute after the one before."""
    moments = (f"2026-06-12T08:{minute:02}:00Z" for minute in range(60))
    monkeypatch.setattr(SystemClock, "utc", lambda self: next(moments))
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


def begun_here(file: SurveyFile) -> Layout:
    """A finished run of a survey at its own place, as `apply` begins it."""
    opened = finished_run(OWN, [Photo("a.jpg", sure("A"))])
    Disk().replace(opened.folder.survey, survey_form(file, opened.layout))
    remember(opened.layout, file, 12)
    return opened.layout


def moved(place: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    place.rename(to)


def removed(place: Path) -> None:
    opened = open_run(place)
    opened.folder.survey.unlink()  # it was put there by hand
    remove(opened)


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
    how = "To go on with it, say `name: reef`, with `outputs: {directory: runs/trial}`: a run keeps its name."
    assert capsys.readouterr().out == f"{first} {how}\n"


@pytest.mark.parametrize("to", ["runs/old", "runs/2025/reef", "runs/a/b/reef"])
def test_a_run_moved_below_runs_is_found_and_none_begun_where_nobody_looks_on(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    layout = begun_here(survey)
    moved(layout.root, Path(to))
    OWN.mkdir()
    said = f"no run is at runs/reef, but one of this survey at {to}"
    assert place_of_survey(survey, Printer()) == OWN
    assert capsys.readouterr().out.startswith(
        f"{said}; runs/reef begins anew, with all images. To go on with it: "
        f"say in the survey `outputs: {{directory: {to}}}`; or, for this once: coralrun apply survey.yaml --run-dir "
    )
    Path("survey.yaml").write_text(SURVEY.replace("coralnet: 2", "coralnet: 3"), encoding="utf-8")
    with pytest.raises(SurveyChanged, match=f"^{said}. Where nobody looks on, no other is begun"):
        place_of_survey(read_survey(Path("survey.yaml")), Printer(), unseen=True)
    unseal(Layout(Path(to)), Disk())
    assert place_of_survey(survey, Printer(), unseen=True) == Path(to), "it is not over"


@pytest.mark.parametrize("to", ["archive/reef", "runs/a/b/c/reef"])
def test_a_run_that_is_not_there_any_more_is_missed_by_its_survey_alone(
    survey: SurveyFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    layout = begun_here(survey)
    assert place_of_survey(survey, Printer(), unseen=True) == OWN
    moved(layout.root, Path(to))
    day = read_identity(Layout(Path(to)), Disk()).created_at[:10]
    said = f"runs/reef, the run of this survey (begun {day}, of 12 images), is not there any more"
    with pytest.raises(SurveyChanged, match=re.escape(said)) as refused:
        place_of_survey(survey, Printer(), unseen=True)
    assert "If it was moved, say in the survey `outputs: {directory: FOLDER}`" in refused.value.remedy
    remember(Layout(Path(to)), survey, 12)
    with pytest.raises(SurveyChanged, match=f"^no run is at runs/reef, but one of this survey at {to}") as refused:
        place_of_survey(survey, Printer(), unseen=True)
    assert f"say in the survey `outputs: {{directory: {to}}}`" in refused.value.remedy
    begun_here(survey)
    moved(layout.root, Path("elsewhere"))
    Path("other.yaml").write_text(SURVEY, encoding="utf-8")
    assert place_of_survey(read_survey(Path("other.yaml")), Printer(), unseen=True) == OWN
    Path("other.yaml").unlink()
    Path("survey.yaml").rename("renamed.yaml")
    assert capsys.readouterr().out == ""
    assert place_of_survey(read_survey(Path("renamed.yaml")), Printer()) == OWN
    assert capsys.readouterr().out.startswith(said)
    Path("renamed.yaml").rename("survey.yaml")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert place_of_survey(read_survey(Path("../survey.yaml")), Printer()) == OWN
    assert capsys.readouterr().out.startswith("../runs/reef, the run of this survey")


def test_a_survey_that_says_another_place_now_misses_its_run(survey: SurveyFile) -> None:
    layout = begun_here(survey)
    Path("survey.yaml").write_text(f"{SURVEY}outputs: {{directory: archiv/reef}}\n", encoding="utf-8")
    elsewhere = read_survey(Path("survey.yaml"))
    with pytest.raises(SurveyChanged, match=r"^no run is at archiv/reef, but one of this survey at runs/reef"):
        place_of_survey(elsewhere, Printer(), unseen=True)
    moved(layout.root, Path("archive/reef"))
    with pytest.raises(SurveyChanged, match=r"^no run is at archiv/reef, and runs/reef, the run of this"):
        place_of_survey(elsewhere, Printer(), unseen=True)
    remember(Layout(Path("archive/reef")), survey, 12)
    with pytest.raises(SurveyChanged, match=r"^no run is at archiv/reef, but one of this survey at archive/reef"):
        place_of_survey(elsewhere, Printer(), unseen=True)


def test_a_folder_that_is_named_where_nobody_looks_on_has_to_have_the_run(survey: SurveyFile) -> None:
    kpet, archive = Path("archive/kpet"), Path("archive/reef")
    assert place_of_survey(survey, Printer(), kpet, unseen=True) == kpet, "it had none yet"
    moved(begun_here(survey).root, archive)
    assert place_of_survey(survey, Printer(), archive, unseen=True) == archive
    with pytest.raises(SurveyChanged, match=r"^no run is at archive/kpet, and runs/reef, the run of this survey"):
        place_of_survey(survey, Printer(), kpet, unseen=True)
    assert place_of_survey(survey, Printer(), kpet) == kpet, "somebody looks on"


def test_a_survey_whose_names_are_all_new_misses_its_run(survey: SurveyFile) -> None:
    moved(begun_here(survey).root, Path("archive/reef"))
    Path("survey.yaml").unlink()
    renamed = Path("atoll.yaml")
    renamed.write_text(SURVEY.replace("name: reef", "name: atoll"), encoding="utf-8")
    with pytest.raises(SurveyChanged, match=r"^no run is at runs/atoll, and runs/reef, the run of this survey"):
        place_of_survey(read_survey(renamed), Printer(), unseen=True)
    renamed.write_text(SURVEY.replace("name: reef", "name: atoll").replace("coralnet: 2", "coralnet: 3"))
    assert place_of_survey(read_survey(renamed), Printer(), unseen=True) == Path("runs/atoll"), "of another source"


def test_a_run_that_was_removed_or_had_a_place_of_its_own_is_not_missed(survey: SurveyFile) -> None:
    finished = finished_run(OWN, [Photo("a.jpg", sure("A"))])
    remember(finished.layout, survey, 1)
    remove(finished)
    assert place_of_survey(survey, Printer(), unseen=True) == OWN
    elsewhere = interrupted(Path("trial"), survey)
    remember(elsewhere, survey, 1)
    moved(elsewhere.root, Path("gone"))
    assert place_of_survey(survey, Printer(), unseen=True) == OWN


def test_each_of_two_runs_of_one_place_is_missed_until_it_is_removed(survey: SurveyFile) -> None:
    first = read_identity(begun_here(survey), Disk()).run
    moved(OWN, Path("archive/first"))
    second = begun_here(survey)
    assert read_identity(second, Disk()).run != first
    remember(Layout(Path("archive/first")), survey, 12)
    removed(OWN)
    with pytest.raises(SurveyChanged, match="but one of this survey at archive/first"):
        place_of_survey(survey, Printer(), unseen=True)
    begun_here(survey)
    moved(OWN, Path("archive/third"))
    with pytest.raises(SurveyChanged, match="runs/reef"):
        place_of_survey(survey, Printer(), unseen=True)
    removed(Path("archive/third"))
    removed(Path("archive/first"))
    assert place_of_survey(survey, Printer(), unseen=True) == OWN, "both were removed where they were"


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
