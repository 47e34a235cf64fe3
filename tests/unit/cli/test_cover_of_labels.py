"""Cover and report of points that people labelled: worked out as a run's are."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.unit.results.finished_runs import Photo, finished_run, label_id, sure
from tests.unit.sources import labelled_tables
from typer.testing import CliRunner, Result

from coralrun.api import cover_of_labels
from coralrun.cli.main import app
from coralrun.errors import InvalidInput, UsageError
from coralrun.planning.model import Analysis
from coralrun.spec.model import CoverOptions, Design

REEF = {"North": ("AABC", "ABBC"), "South": ("ACCC", "BBBB"), "East": ("AAAC", "ABDD")}
PHOTOS = [(f"{site}_q{n}.jpg", site, codes) for site, photos in REEF.items() for n, codes in enumerate(photos)]
SURVEY = """
metadata: {from_names: "{site}_q{quadrat}.jpg"}
design: {unit: site, chosen: random}
cover: {groups: groups.csv, unusable: [D], unclear: [C], min_usable_points: 60%}
"""
SECTIONS: dict[str, Any] = {
    "metadata": {"from_names": ["{site}/{quadrat}.jpg", "{site}_q{quadrat}.jpg"]},
    "design": {"unit": "site", "chosen": "random"},
    "cover": {"groups": "groups.csv", "unusable": ["D"], "unclear": ["C"], "min_usable_points": "60%"},
}
GROUPS = "Short Code,Category\nA,Coral\nB,Bare\n"
LABELS = "year.csv", "--survey", "survey.yaml"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the labels of a small reef, and a survey that says how they are read and nothing else."""
    monkeypatch.chdir(tmp_path)
    Path("survey.yaml").write_text(SURVEY)
    Path("groups.csv").write_text(GROUPS)
    with Path("year.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Name", "Row", "Column", "Label code", "Label ID", "Annotator", "Depth"])
        for name, site, codes in PHOTOS:
            who = "anna" if site == "North" else "ben"
            table.writerows([name, 7, n, code, label_id(code), who, 5] for n, code in enumerate(codes))
    return tmp_path


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments: str | Path) -> Any:
    return json.loads(call(*arguments, "--json").stdout)


def test_people_and_a_classifier_who_say_the_same_have_the_same_cover(desk: Path) -> None:
    """To the last digit: means, intervals, what is dropped, and the notes; a run has its labels' numbers too."""
    design = Design(unit="site", levels=())
    options = CoverOptions(unusable=("D",), unclear=("C",), min_usable_points=0.6)
    finished_run(
        desk / "run",
        [Photo(name, sure(codes), (site, name[-5])) for name, site, codes in PHOTOS],
        fields=("site", "quadrat"),
        analysis=Analysis(design=design, cover=options),
    )
    Path("survey.yaml").write_text(SURVEY.replace("groups: groups.csv, ", "").replace(", chosen: random", ""))
    for by in ([], ["--by", "site"]):
        of_run, of_people = document("cover", "run", *by), document("cover", *LABELS, *by)
        assert of_people["rows"] == of_run["rows"]
        assert of_people["notes"][1:] == of_run["notes"]
    assert {row["images_dropped"] for row in document("cover", *LABELS)["rows"]} == {1}


def test_the_output_says_who_labelled_and_what_a_file_has_not(desk: Path) -> None:
    said = call("cover", *LABELS)
    assert said.stdout.splitlines() == [
        "year.csv, labelled by ben (16), anna (8): cover in percent, with 95 % intervals",
        "  3 units (site), 5 of 6 photos, 20 usable points, 1 dropped",
        "    category",
        "      Coral     41.7 %  (0.3 to 98.4)",
        "      Bare      29.2 %  (0.1 to 93.8)",
        "      Unclear   29.2 %  (10.6 to 54.9)",
        "  note: The file has no photo without a labelled point, so none counts as failed",
        "  note: 1 image is left out: too few usable points",
    ]
    assert document("cover", *LABELS)["labelled_by"] == {"ben": 16, "anna": 8}


def test_the_tables_say_who_labelled(desk: Path) -> None:
    assert call("cover", *LABELS, "--out", "tables").exit_code == 0
    for file in ("cover.csv", "cover_units.csv", "cover_images.csv"):
        rows = list(csv.DictReader((desk / "tables" / file).read_text().splitlines()))
        assert {row["labelled_by"] for row in rows} == {"ben (16), anna (8)"}, file
    notes = (desk / "tables" / "cover_notes.txt").read_text().splitlines()
    assert notes[0] == "Labelled by ben (16), anna (8)"
    again = call("cover", *LABELS, "--out", "tables")
    assert (again.exit_code, again.stderr.splitlines()[0]) == (2, "tables: it holds files already")


def test_the_report_speaks_of_people(desk: Path) -> None:
    assert call("report", *LABELS).stdout == "year-report.html\n"
    page = (desk / "year-report.html").read_text()
    for said in (
        "People labelled these points: ben (16), anna (8).",
        "24 points on them were labelled by people: ben (16), anna (8).",
        "The intervals do not hold errors of labelling.",
        "Points labelled D show no reef",
        "survey.yaml; SHA-256 ",
    ):
        assert said in page
    assert "machine" not in page and "classifier" not in page and "predict" not in page
    call("report", *LABELS, "--out", "again.html")
    assert (desk / "again.html").read_text() == page
    refused = call("report", *LABELS, "--thumbnails", "3")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (2, "--thumbnails: a file of labels has no photos")


def test_the_columns_of_the_labels_are_metadata_and_no_survey_is_needed(desk: Path) -> None:
    answer = document("cover", "year.csv", "--by", "depth", "--by", "annotator")
    assert {(row["Depth"], row["Annotator"]) for row in answer["rows"]} == {("5", "anna"), ("5", "ben")}
    assert answer["rows"][0]["lo"] is None


def test_a_folder_of_cpce_is_a_year(desk: Path) -> None:
    (desk / "cpce").mkdir()
    for number, (name, _, codes) in enumerate(PHOTOS):
        points = [(7, n, code) for n, code in enumerate(codes)]
        (desk / "cpce" / f"{number}.cpc").write_bytes(labelled_tables.cpce(rf"D:\1998\{name}", points))
    refused = call("cover", "cpce", "--survey", "survey.yaml")
    assert "no column says who gave 24 of its labels" in refused.stderr
    rows = document("cover", "cpce", "--survey", "survey.yaml", "--labelled-by", "people")["rows"]
    expected = document("cover", *LABELS)["rows"]
    assert [row["mean"] for row in rows] == [row["mean"] for row in expected]


def test_a_label_in_no_group_is_listed_with_what_to_do(desk: Path) -> None:
    Path("groups.csv").write_text("Short Code,Category\nA,Coral\n")
    refused = call("cover", *LABELS)
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        2,
        "the groups `groups` do not say where 1 of the labels belong:",
    )
    Path("groups.csv").write_text(f"Label ID,Category\n{label_id('A')},Coral\n{label_id('B')},Bare\n")
    assert call("cover", *LABELS).exit_code == 0
    Path("year.csv").write_text("Name,Row,Column,Label,Annotator\nNorth_q0.jpg,1,1,A,anna\n")
    assert "These groups know labels by id, and these labels have none" in call("cover", *LABELS).stderr


def test_a_survey_that_says_what_is_run_is_read_all_the_same(desk: Path) -> None:
    """Its images, points and runs are of another year, and its files need not be here."""
    Path("whole.yaml").write_text(
        "version: 1\nname: later\nclassifier: {same_as: runs/gone}\nsources: [{manifest: gone.csv}]\n"
        "sampling: {points: {from: gone.csv}}\n" + SURVEY.replace("unusable", "min_confidence: 0.5, unusable")
    )
    answer = document("cover", "year.csv", "--survey", "whole.yaml")
    assert answer["rows"] == document("cover", *LABELS)["rows"]
    assert "People give no scores: `cover.min_confidence` is not used" in answer["notes"]
    wrong = call("cover", "year.csv", "--survey", "gone.yaml")
    assert (wrong.exit_code, wrong.stderr.splitlines()[0]) == (2, "gone.yaml: No such file or directory")
    Path("bad.yaml").write_text("design: {unit: reef}\n")
    wrong = call("cover", "year.csv", "--survey", "bad.yaml")
    assert wrong.stderr.splitlines()[0] == (
        "bad.yaml:1:16: `design` names the field `reef`, and the images have: `Annotator`, `Depth`"
    )


def test_options_of_labels_are_refused_for_a_run(desk: Path) -> None:
    finished_run(desk / "run", [Photo("a.jpg", sure("AB"))])
    for words in (("cover", "run", "--out", "t"), ("cover", "run", "--survey", "s"), ("report", "run", "--sheet", "x")):
        refused = call(*words)
        assert (refused.exit_code, "for a file of labels" in refused.stderr) == (2, True)


def test_python_gives_the_same_frame_for_a_survey_and_for_its_sections(desk: Path) -> None:
    frame = cover_of_labels("year.csv", "survey.yaml", by="site")
    assert frame.attrs["labelled_by"] == {"ben": 16, "anna": 8}
    assert frame["mean"].round(6).tolist() == [
        round(row["mean"], 6) for row in document("cover", *LABELS, "--by", "site")["rows"]
    ]
    pd.testing.assert_frame_equal(frame, cover_of_labels("year.csv", by="site", **SECTIONS))


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        (
            {"design": {"unit": "sit"}},
            "design.unit: `design` names the field `sit`, and the images have: `Annotator`, ",
        ),
        ({"metadata": {"from_name": "x"}}, "metadata: unknown key `from_name`: did you mean `from_names`?"),
        ({"metadata": "gone.csv"}, "metadata: gone.csv: "),
        ({"cover": {"groups": "gone.csv"}}, "cover.groups: gone.csv: "),
        ({"survey": "survey.yaml"}, "a survey on disk says everything itself"),
    ],
)
def test_what_is_wrong_in_sections_is_said_of_the_argument(desk: Path, sections: dict[str, Any], said: str) -> None:
    with pytest.raises((InvalidInput, UsageError)) as wrong:
        cover_of_labels("year.csv", **{**SECTIONS, **sections})
    assert wrong.value.message.startswith(said)


def test_a_note_on_sections_names_the_argument(desk: Path) -> None:
    assert cover_of_labels("year.csv").attrs["notes"][-1].endswith('chosen independently: design={"unit": "site"}')
