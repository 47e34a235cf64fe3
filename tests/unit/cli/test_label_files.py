"""People's labels as other programs write them, in the two commands that take them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from tests.unit.sources import labelled_tables
from typer.testing import CliRunner, Result

from coralrun.cli.main import app

NAME = "q01.jpg"
CODES = ("A", "A", "B", "A", "C", "C", "Pavona", "", "B")
POINTS = [(7, column, code) for column, code in enumerate(CODES)]
OTHER = [(7, 0, "C")]
SAID = ("--labelled-by", "people", "--allow-in-sample", "--json")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of labels in each format, beside a run on photos of the same size."""
    monkeypatch.chdir(tmp_path)
    finished_run(tmp_path / "run", [Photo(NAME, sure("ABCABCABC"))])
    given = tmp_path / "given"
    (given / "cpce").mkdir(parents=True)
    for file, data in {
        "squidle.csv": labelled_tables.squidle(NAME, [*POINTS, *OTHER]),
        "biigle.csv": labelled_tables.biigle(NAME, [*POINTS, *OTHER]),
        "taglab.csv": labelled_tables.taglab(NAME, [*POINTS, *OTHER]),
        "toolbox.csv": labelled_tables.toolbox(NAME, [*POINTS, *OTHER]),
        "cpce/1.cpc": labelled_tables.cpce(rf"D:\reef\{NAME}", POINTS),
        "cpce/2.cpc": labelled_tables.cpce(rf"D:\reef\{NAME}", OTHER),
        "cpce/3.cpc": labelled_tables.cpce(rf"D:\reef\{NAME}", OTHER, width=400),
    }.items():
        (given / file).write_bytes(data)
    return given


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def judged(truth: Path, *options: str) -> Any:
    return json.loads(call("accuracy", "run", "--truth", truth, *SAID, *options).stdout)


def imported(file: Path, *options: str) -> Any:
    return json.loads(call("review", "import", "run", file, "--labelled-by", "people", "--json", *options).stdout)


def test_every_format_judges_alike_and_one_point_has_one_label(folder: Path) -> None:
    found = set()
    for given in ("squidle.csv", "biigle.csv", "taglab.csv", "toolbox.csv", "cpce", "cpce/*.cpc"):
        judgement = judged(folder / given)
        assert (judgement["judged"], judgement["never_given"][0]["label"]) == (8, "Pavona"), given
        assert "another label already, on " in judgement["unmatched"][0]["why"], given
        found.add(json.dumps(judgement["groupings"]))
    assert len(found) == 1
    assert judgement["unmatched"][1]["why"] == (
        "its points were laid on an image of another size; this one has 5000 x 5000 pixels"
    )


def test_what_matches_no_point_is_listed_with_the_reason(folder: Path) -> None:
    rows = [f"{NAME},7,0,A", f"{NAME},8,0,A", f"{NAME},7,5000,A", f"{NAME},7,0,A", "q01.jpeg,7,0,A"]
    (folder / "odd.csv").write_text("\n".join(["Name,Row,Column,Label", *rows]))
    judgement = judged(folder / "odd.csv")
    assert [(row["line"], row["why"]) for row in judgement["unmatched"]] == [
        (3, "the image has no point at this row and column"),
        (4, "it lies outside the image, which has 5000 x 5000 pixels"),
        (5, "the point has this label already, on line 2"),
        (6, "no image of the run has this name"),
    ]
    (folder / "other.cpc").write_bytes(labelled_tables.cpce(r"D:\reef\q01.png", POINTS))
    refused = judged(folder / "other.cpc")["message"]
    assert r"`D:\reef\q01.png` is not there, but `q01.jpg` is" in refused


def test_a_folder_of_cpce_is_one_review_whose_places_are_pixels(folder: Path) -> None:
    for _ in range(2):
        taken = imported(folder / "cpce", "--accept-labels", "Pavona")
        assert (taken["import"], taken["labelled"], taken["empty"]) == (1, 8, 1)
    assert [(row["file"], row["line"]) for row in taken["unmatched"]] == [("2.cpc", 7), ("3.cpc", 7)]
    reviewed = csv.DictReader(io.StringIO(Path("run", "outputs", "reviewed.csv").read_text(encoding="utf-8")))
    assert [(int(row["row"]), int(row["column"]), row["human_label_code"]) for row in reviewed] == [
        point for point in POINTS if point[2]
    ]


def test_headings_encoding_and_sheet_are_said_as_in_a_survey(folder: Path) -> None:
    path = folder / "mine.csv"
    path.write_bytes(f"Fotó,R,C,Étiquette\n{NAME},7,0,B\n".encode("cp1252"))
    advised = judged(path)["message"]
    assert "it looks like windows-1252, which `--encoding windows-1252` reads" in advised
    named = [part for word in ("name=Fotó", "row=R", "column=C", "label=étiquette") for part in ("--columns", word)]
    assert judged(path, "--encoding", "windows-1252", *named)["judged"] == 1
    assert imported(path, "--encoding", "windows-1252", *named)["labelled"] == 1
    assert imported(path, "--encoding", "windows-1252", *named)["import"] == 1  # as it was kept, so it is read again


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--encoding", "latin-1", "--encoding latin-1: not known here"),
        ("--columns", "labels=R", "--columns labels=...: no column is called so here"),
        ("--columns", "label", "--columns label: no heading"),
        ("--sheet", "Old", "toolbox.csv: there is no sheet `Old` in it, for it is no workbook: leave `sheet` out"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(folder: Path, option: str, value: str, said: str) -> None:
    assert judged(folder / "toolbox.csv", option, value)["message"].startswith(said)


def test_labels_that_contradict_each_other_are_named_with_both(folder: Path) -> None:
    header, says = "Name,Row,Column,Label\n", ("review", "import", "run", "--labelled-by", "people")
    (folder / "one.csv").write_text(f"{header}{NAME},7,0,A\n{NAME},7,0,B\n{NAME},7,3,A\n")
    one = call(*says, folder / "one.csv").stdout
    assert f"line 3: {NAME}, row 7, column 0: the point has another label already, on line 2: `A` there, and `B`" in one
    (folder / "two.csv").write_text(f"{header}{NAME},7,3,C\n{NAME},7,0,A\n")
    two = call(*says, folder / "two.csv").stdout.splitlines()
    place = two.index("  labelled otherwise before, and the newest label counts: 1")
    assert two[place + 1] == f"    line 2: {NAME}, row 7, column 3: `C`, and `A` by import 1"
