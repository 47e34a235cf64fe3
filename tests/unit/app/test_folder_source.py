"""A survey of a folder of photos, from the survey to the tables, through a service that reads files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.photo_host import photo
from tests.ports.words import Words
from tests.ports.words_entry import entry
from typer.testing import CliRunner

from coralrun import services
from coralrun.app.run_directory import open_run
from coralrun.cli.main import app
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED, UsageError
from coralrun.machine.reasons import Reason

EXIT_WRONG = UsageError.exit_code
SURVEY = """version: 1
name: words
service: words
classifier: {id: best-of-all}
sources: [{folder: photos/}]
sampling: {points: {method: simple random, number_of_points: 5}}
outputs: {directory: run}
"""


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setattr(services, "SERVICES", (*services.SERVICES, entry(Words(tmp_path))))
    project = tmp_path / "project"
    for number, name in enumerate(("a.jpg", "b/1.jpg", "b/2.jpg")):
        (project / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "photos" / name).write_bytes(photo(40, 30, seed=number))
    (project / "photos/empty.jpg").touch()
    (project / "survey.yaml").write_text(SURVEY)
    monkeypatch.chdir(project)
    return project / "survey.yaml"


def command(words: str, code: int = EXIT_COMPLETE) -> str:
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == code, done.output
    return done.output


def test_a_folder_is_planned_saved_and_carried_out_from_elsewhere(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = command("plan survey.yaml --out plan.json")
    assert "folder:photos: found: 4" in planned
    assert "folder:photos: photos that cannot be read, and will fail: 1 (empty.jpg (an empty file))" in planned
    elsewhere = survey.parent.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    said = command(f"apply {survey.with_name('plan.json')} --run-dir run --yes", EXIT_SOME_IMAGES_FAILED)
    assert "4 = 3 succeeded + 1 failed + 0 skipped" in said
    assert command("report run --thumbnails 2")
    assert len(list(Path("run/report").glob("photo-*-40x30.jpg"))) == 2


def test_a_photo_that_was_changed_or_is_gone_fails_by_its_own_reason(survey: Path) -> None:
    command("plan survey.yaml --out plan.json")
    photos = survey.parent / "photos"
    (photos / "a.jpg").write_bytes(photo(40, 30, seed=9))
    (photos / "b/1.jpg").unlink()
    command("apply plan.json --run-dir run --yes", EXIT_SOME_IMAGES_FAILED)
    opened = open_run(Path("run"))
    names = [image.name for image in opened.plan.images]
    assert {names[unit]: reason for unit, reason in opened.state.ended.items()} == {
        "a.jpg": Reason.CHANGED,
        "b/1.jpg": Reason.NOT_FOUND,
        "empty.jpg": Reason.NOT_AN_IMAGE,
    }


def test_a_folder_that_was_moved_is_found_by_the_survey_beside_it(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)
    survey.parent.rename(survey.parent.with_name("moved"))
    monkeypatch.chdir(survey.parent.with_name("moved"))
    journal = Path("run/state/journal-0.jsonl")
    facts = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(facts[: next(n for n, fact in enumerate(facts) if b'"t":"intent"' in fact)]))
    assert "folder:photos: its photos are not at" in command("resume run", EXIT_WRONG)
    assert "3 succeeded" in command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)


def test_a_folder_that_is_not_there_is_a_problem_with_its_line(survey: Path) -> None:
    survey.write_text(SURVEY.replace("photos/", "pictures/"))
    assert "survey.yaml:5:20: pictures: no such folder" in command("validate survey.yaml", EXIT_WRONG)
