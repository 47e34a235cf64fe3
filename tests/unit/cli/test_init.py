"""`coralrun init`: a first survey from options or answers, valid, commented, and written over nothing."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun.app.survey_file import read_survey
from coralrun.cli.commands import init
from coralrun.cli.main import app
from coralrun.spec.model import PRODUCTION, CoralNetSource, Design, ManifestSource, Method, PointDesign
from coralrun.spec.starter import Answers, survey_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "Reef: north (2024)"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def begin(*arguments: str, answers: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["init", *arguments], input=answers)
    return result.exit_code, result.output


def test_options_alone_make_a_survey_of_a_coralnet_source() -> None:
    code, said = begin("--images", "3420", "--unit", "site", "--count", "50", "--points", "100")
    assert code == 0
    assert said == (
        "Written: survey.yaml\n"
        "  check it:      coralrun validate survey.yaml\n"
        "  what it costs: coralrun plan survey.yaml\n"
        "  carry it out:  coralrun apply survey.yaml\n"
    )
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.name, survey.service) == ("Reef-north-2024", PRODUCTION)
    assert survey.sources == (CoralNetSource(source=3420),)
    assert survey.classifier.source == 3420
    assert isinstance(survey.points, PointDesign)
    assert (survey.points.method, survey.points.points_per_image) == (Method.STRATIFIED_RANDOM, 100)
    assert survey.images.count == 50
    assert survey.design == Design(unit="site")
    assert survey.metadata.coralnet


def test_a_manifest_is_named_relative_to_the_survey() -> None:
    Path("tables").mkdir()
    Path("surveys").mkdir()
    Path("tables/my images.csv").write_text("name,url\n", encoding="utf-8")
    code, _ = begin(
        "surveys/one.yaml", "--images", "tables/my images.csv", "--classifier", "9", "--service", "emulator"
    )
    assert code == 0
    survey = read_survey(Path("surveys/one.yaml")).survey
    assert survey.sources == (ManifestSource(path="../tables/my images.csv"),)
    assert (survey.name, survey.service, survey.classifier.source) == ("surveys", "emulator", 9)


def test_what_is_not_given_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "at_terminal", lambda: True)
    code, said = begin("--count", "5", answers="my-reef\n17\n\n30\nSite\n")
    assert code == 0
    assert "A short name for the survey [Reef-north-2024]: " in said
    assert "Where are the images: the number of a CoralNet source, or the path of a table of images: " in said
    assert "Whose classifier labels the points: the number of a CoralNet source [17]: " in said
    assert "Points on each image [200]: " in said
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.name, survey.sources[0].label, survey.classifier.source) == ("my-reef", "coralnet:17", 17)
    assert isinstance(survey.points, PointDesign)
    assert (survey.points.points_per_image, survey.images.count, survey.design.unit) == (30, 5, "Site")


def test_whoever_answers_with_something_else_than_a_number_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "at_terminal", lambda: True)
    Path("images.csv").write_text("name,url\n", encoding="utf-8")
    code, said = begin("--name", "r", "--images", "images.csv", "--unit", "site", answers="mine\n0\n9\nmany\n30\n")
    assert code == 0, said
    assert said.count("Whose classifier labels the points") == 3
    assert said.count("Points on each image") == 2
    survey = read_survey(Path("survey.yaml")).survey
    assert survey.classifier.source == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            (),
            "it is not said where the images are\n"
            "-> Give --images: the number of a CoralNet source, or the path of a table of images.\n",
        ),
        (
            ("--images", "none.csv"),
            "none.csv: neither the number of a CoralNet source nor a file\n"
            "-> Give the number (that of /source/3420/ is 3420), or the path of a table of images.\n",
        ),
        (
            ("--images", "there.csv"),
            "it is not said whose classifier labels the points\n"
            "-> Give --classifier: the number of a CoralNet source.\n",
        ),
        (
            ("--images", "1", "--points", "13"),
            "13 points cannot be cut into cells near to square\n-> Take 12.\n",
        ),
        (
            ("--images", "1", "--name", "my reef"),
            "no survey can be made of this: `name` must be letters, digits, `-`, `_` and `.` (at most 100, not "
            "starting with a dot), because it names a folder; it is the text `my reef`\n-> Answer otherwise.\n",
        ),
        (
            ("there.csv", "--images", "1"),
            "there.csv: is there already, and is not written over\n-> Give another name.\n",
        ),
        (("no/such.yaml", "--images", "1"), "no: no such folder\n-> Make the folder first, or give another.\n"),
    ],
)
def test_what_makes_no_survey_is_said_and_nothing_is_written(arguments: tuple[str, ...], said: str) -> None:
    Path("there.csv").write_text("name,url\n", encoding="utf-8")
    assert begin(*arguments) == (2, said)
    assert [path.name for path in Path().iterdir()] == ["there.csv"]
    assert Path("there.csv").read_text(encoding="utf-8") == "name,url\n"


def test_every_survey_that_can_be_asked_for_is_valid_and_so_is_what_its_notes_offer() -> None:
    Path("a: b.csv").write_text("name,url\nx,https://reef.example/x\n", encoding="utf-8")
    places: tuple[int | str, ...] = (7, "a: b.csv")
    common = product((None, 3), (None, "Zone #1"), (PRODUCTION, "emulator"))
    for images, (count, unit, service) in product(places, common):
        answers = Answers(name="r", images=images, classifier=7, points=200, count=count, unit=unit, service=service)
        text = survey_text(answers)
        Path("made.yaml").write_text(text, encoding="utf-8")
        survey = read_survey(Path("made.yaml")).survey
        assert (survey.design.unit, survey.images.count, survey.service) == (unit, count, service)
        for line in text.splitlines():
            note = line.lstrip()
            if note.startswith(("# search: ", "# filters: ", "# images: ", "# cover: ")):
                Path("offered.yaml").write_text(text.replace(line, line.replace("# ", "", 1)), encoding="utf-8")
                assert read_survey(Path("offered.yaml")).survey != survey, note


@pytest.mark.parametrize("name", ["2024", "true", "NULL", "1e5", "-1", "no", "a.b-c_d"])
def test_any_name_that_a_survey_may_have_is_written_so_that_it_is_read_as_text(name: str) -> None:
    code, said = begin("--images", "1", f"--name={name}")
    assert code == 0, said
    assert read_survey(Path("survey.yaml")).survey.name == name
