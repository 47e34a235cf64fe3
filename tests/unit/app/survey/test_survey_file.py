"""A survey on disk, and what it reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest
from tests import tiny_classifier
from tests.unit.results.finished_runs import Photo, finished_run

from coralrun.app.run.run_directory import make_run
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.classifiers.folder import read_classifier
from coralrun.clock import SystemClock
from coralrun.errors import InvalidInput, UsageError
from coralrun.planning.model import Classifier
from coralrun.store.layout import Layout

SURVEY = """\
version: 1
name: manifest
classifier: {id: 1}
sources: [{manifest: images.csv, filters: {names_from: lists/names.txt}}]
sampling: {points: {from: "points (final).csv"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "survey.yaml").write_text(SURVEY)
    (tmp_path / "images.csv").write_text("name,url\na.jpg,https://example.org/a.jpg?token=secret\n")
    (tmp_path / "points (final).csv").write_text("name,row,column\na.jpg,1,2\n")
    (tmp_path / "lists" / "names.txt").write_text("a.jpg\n")
    return tmp_path


def test_the_digest_changes_with_any_file_that_the_survey_reads(folder: Path) -> None:
    before = read_survey(folder / "survey.yaml").digest

    for name in ("images.csv", "points (final).csv", "lists/names.txt"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept + b"\n")
        assert read_survey(folder / "survey.yaml").digest != before, name
        (folder / name).write_bytes(kept)
    assert read_survey(folder / "survey.yaml").digest == before


def test_comments_and_blank_lines_do_not_change_the_digest(folder: Path) -> None:
    before = read_survey(folder / "survey.yaml").digest
    (folder / "survey.yaml").write_text("# a comment\n\n" + SURVEY)

    assert read_survey(folder / "survey.yaml").digest == before


def test_copies_get_safe_names_and_leave_out_manifests_with_secret_urls(folder: Path) -> None:
    copies = read_survey(folder / "survey.yaml").copies()

    assert sorted(copies) == ["01-survey.yaml", "02-names.txt", "03-points_final_.csv"]
    assert not any(b"secret" in data for data in copies.values())


def test_every_missing_file_is_named_at_once(folder: Path) -> None:
    (folder / "images.csv").unlink()
    (folder / "lists" / "names.txt").unlink()

    with pytest.raises(InvalidInput) as caught:
        read_survey(folder / "survey.yaml")

    where = f"{folder.as_posix()}/survey.yaml"
    assert [str(problem) for problem in caught.value.problems] == [
        f"{where}:4:22: {folder.as_posix()}/images.csv: No such file or directory",
        f"{where}:4:56: {folder.as_posix()}/lists/names.txt: No such file or directory",
    ]
    assert caught.value.remedy.startswith("Paths in a survey that do not begin at the root are relative to the survey;")


def test_a_path_that_is_not_there_is_told_with_what_may_be_meant(folder: Path) -> None:
    (folder / "Île Heron 2025").mkdir()
    for written, said in (
        ("Ile Heron 2025", "; there is `Île Heron 2025`"),
        (normalize("NFD", "Île Heron 2025"), ", which looks the same"),
    ):
        (folder / "survey.yaml").write_text(
            "version: 1\nname: reef\nservice: local\nclassifier: {folder: m}\n"
            f"sources: [{{folder: '{written}'}}]\nsampling: {{points: {{from: images.csv}}}}\n",
            encoding="utf-8",
        )
        with pytest.raises(InvalidInput, match=f"{written}: no such folder; there is `Île Heron 2025`") as caught:
            read_survey(folder / "survey.yaml")
        assert said in str(caught.value)
    (folder / "images.csv").rename(folder / "image.csv")
    (folder / "survey.yaml").write_text(SURVEY)
    with pytest.raises(InvalidInput, match=r"No such file or directory; there is `image\.csv`"):
        read_survey(folder / "survey.yaml")


def test_a_classifiers_folder_that_is_not_there_is_told_with_that_of_the_photos(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "survey.yaml").write_text(
        "version: 1\nname: reef\nservice: local\nclassifier: {folder: model}\n"
        "sources: [{folder: photos}]\nsampling: {points: {method: simple random, number_of_points: 5}}\n"
    )
    with pytest.raises(InvalidInput) as caught:
        read_survey(folder / "survey.yaml")
    where = folder.as_posix()
    assert [str(problem) for problem in caught.value.problems] == [
        f"{where}/survey.yaml:5:20: {where}/photos: no such folder",
        f"{where}/survey.yaml:4:22: {where}/model: no such folder; there is `models`",
    ]
    assert len(read_survey(folder / "survey.yaml", skip_missing=True).absent) == 2


def test_a_survey_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_survey(tmp_path / "nowhere.yaml")
    assert str(caught.value) == f"{tmp_path.as_posix()}/nowhere.yaml: No such file or directory"
    assert caught.value.remedy == "Give the path of a survey."


def test_a_file_of_a_hundred_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)

    with pytest.raises(InvalidInput) as caught:
        read_survey(path)
    assert str(caught.value) == (
        f"{path.as_posix()}: the file has 104,857,600 bytes; a survey has at most 1,048,576. Long lists of images "
        "belong in a file of their own: see `names_from` and `manifest`"
    )


POINTS = b"name,row,column\na.jpg,1,2\n"


def with_points_from(folder: Path, named: str, *files: str) -> Path:
    """The survey with its points from `named`, and these files beside it."""
    for file in files:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(POINTS)
    (folder / "survey.yaml").write_text(SURVEY.replace("points (final).csv", named))
    return folder / "survey.yaml"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("dots", ["dots/10.csv", "dots/2.csv", "dots/[1].csv", "dots/a.cpc"]),
        ("dots/*.csv", ["dots/10.csv", "dots/2.csv", "dots/[1].csv"]),
        ("dots/?.csv", ["dots/2.csv"]),
        ("dots/[12].csv", ["dots/2.csv"]),
        ("dots/[1].csv", ["dots/[1].csv"]),
        ("*/a.*", ["dots/a.cpc"]),
    ],
)
def test_points_come_from_a_file_a_folder_or_a_pattern_in_order(folder: Path, named: str, found: list[str]) -> None:
    files = ("dots/10.csv", "dots/a.cpc", "dots/2.csv", "dots/.hidden", "dots/[1].csv")
    read = read_survey(with_points_from(folder, named, *files))
    assert list(read.points) == found
    assert all(read.read[path] == POINTS for path in found)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("dots", "dots: the folder has no files"),
        ("dots/*.cpc", "dots/*.cpc: no file matches"),
        ("dots/a.csv", "dots/a.csv: No such file or directory"),
    ],
)
def test_points_that_are_nowhere_are_told_at_the_line_that_names_them(folder: Path, named: str, said: str) -> None:
    path = with_points_from(folder, named, "dots/.hidden")
    with pytest.raises(InvalidInput) as caught:
        read_survey(path)
    assert str(caught.value) == f"{path.as_posix()}:5:27: {folder.as_posix()}/{said}"
    assert "correct them, or put the files there." in caught.value.remedy


def test_the_classifier_of_an_earlier_run_is_found_where_that_had_it(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    model = tiny_classifier.write(tmp_path / "model", tmp_path / "cache")
    known = Classifier(id=read_classifier(model).called)
    plan = replace(finished_run(tmp_path / "coralnet", [Photo("a.jpg", None)]).plan, service="local", classifier=known)
    for name, options in (("local", {"classifier.folder": str(model)}), ("lost", {"classifier.folder": "/not/here"})):
        make_run(Layout(tmp_path / name), replace(plan, options=options), None, account="", clock=SystemClock())

    def read(run: str, skip_missing: bool = False) -> SurveyFile:
        (tmp_path / "reef.yaml").write_text(
            f"version: 1\nname: reef\nservice: local\nclassifier: {{same_as: '{(tmp_path / run).as_posix()}'}}\n"
            "sources: [{folder: photos}]\nsampling: {points: {method: simple random, points: 2}}\n"
        )
        return read_survey(tmp_path / "reef.yaml", skip_missing=skip_missing)

    def refused(run: str) -> str:
        with pytest.raises(InvalidInput) as problem:
            read(run)
        (said,) = problem.value.problems
        assert said.line == 4
        return said.message

    assert read("local").survey.options == {"classifier.folder": str(model)}
    assert refused("coralnet").endswith(", 1, is no folder")
    assert refused("lost").startswith("/not/here: no such folder, where the classifier of ")
    assert any("/not/here" in said for said in read("lost", skip_missing=True).absent)
    said = (model / "model.json").read_text()
    (model / "model.json").write_text(said.replace('"colours"', '"others"'))
    assert " holds others (" in refused("local")
