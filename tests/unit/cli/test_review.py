"""`review` and `accuracy` as people call them: what is refused, and what they say."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.cli.main import app
from coralrun.plan.model import Analysis
from coralrun.spec.model import Design

TRUTH = "Name,Row,Column,Label\na1.jpg,7,0,Porit\na1.jpg,7,1,Turf\nb1.jpg,7,0,Porit\nz.jpg,7,0,Porit\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two sites of two photos, in `run` of the working directory."""
    monkeypatch.chdir(tmp_path)
    photos = [Photo(f"{site}{n}.jpg", sure(["Porit", "Sand"]), (site,)) for site in "ab" for n in (1, 2)]
    finished_run(Path("run"), photos, fields=("site",), analysis=Analysis(design=Design(unit="site")))
    Path("truth.csv").write_text(TRUTH)
    return "run"


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["review", "run"], "how much is to be reviewed?"),
        (["review", "run", "--sample", "much"], "neither a share nor a number"),
        (["review", "run", "--sample", "5%", "--to", "xlsx"], "not a format of reviews"),
        (
            ["review", "run", "--sample", "5%", "--out", "truth.csv"],
            "a review that somebody filled in is never",
        ),
        (["review", "run", "--sample", "5%", "--out", "no/where.csv"], "no: no such folder"),
        (["review", "run", "run", "--sample", "5%"], "needs one run"),
        (["review", "import", "run"], "needs a run and a file"),
        (["review", "import", "run", "gone.csv"], "gone.csv: No such file"),
        (["review", "truth.csv", "--sample", "5%"], "holds no run"),
        (["accuracy", "run", "--truth", "gone.csv"], "gone.csv: No such file"),
        (["accuracy", "run", "--truth", "truth.csv", "--out", "truth.csv"], "truth.csv: not a folder"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(run: str, words: list[str], said: str) -> None:
    code, _, error = call(*words)
    assert code == 2
    assert said in error
    assert not Path(run, "reviews").exists()


def test_a_review_goes_out_as_a_table_or_a_page_and_says_what_to_do_with_it(run: str) -> None:
    code, printed, _ = call("review", run, "--sample", "50%", "--blind", "--out", "mine.csv")
    assert code == 0
    assert printed.splitlines() == [
        "mine.csv: review 1 of run, seed 0",
        "  audit   4 points on 2 images, drawn at random: these may correct cover",
        "  triage  4 points that the machine is least sure of: these correct themselves alone",
        "  fill in `label_code`, then: coralrun review import run mine.csv",
    ]


def test_an_import_answers_programs_in_json(run: str) -> None:
    code, printed, _ = call("review", "import", run, "truth.csv", "--json")
    found = json.loads(printed)
    assert code == 0
    assert (found["labelled"], found["reviewed_points"], found["audited_images"]) == (3, 3, 0)
    assert found["unmatched"] == [
        {"line": 5, "name": "z.jpg", "row": 7, "column": 0, "why": "no image of the run has this name"}
    ]


def test_an_import_lists_what_does_not_match_and_what_it_wrote(run: str) -> None:
    _, printed, _ = call("review", "import", run, "truth.csv")
    assert "    line 5: z.jpg, row 7, column 0: no image of the run has this name" in printed
    assert "no point of an audit is reviewed: cover stays as the machine has it" in printed
    assert f"wrote {Path(run, 'outputs', 'reviewed.csv')}" in printed


def test_an_import_names_labels_that_the_classifier_never_gave(run: str) -> None:
    _, printed, _ = call("review", "import", run, "truth.csv")
    assert "  labels that the classifier never gave, perhaps misspelt: `Turf` (1)\n" in printed
    assert json.loads(call("review", "import", run, "truth.csv", "--json")[1])["unknown_labels"] == {"Turf": 1}


def test_accuracy_writes_its_tables_once_and_over_nothing(run: str) -> None:
    code, printed, _ = call("accuracy", run, "--truth", "truth.csv", "--out", "figures")
    assert code == 0
    assert "run against truth.csv: 3 of 4 rows judge" in printed
    names = sorted(path.name for path in Path("figures").iterdir())
    assert names == ["accuracy_confusion.csv", "accuracy_cover.csv", "accuracy_points.csv"]
    code, _, error = call("accuracy", run, "--truth", "truth.csv", "--out", "figures")
    assert code == 2
    assert "there already" in error


def test_accuracy_in_json_stamps_every_figure(run: str) -> None:
    _, printed, _ = call("accuracy", run, "--truth", "truth.csv", "--json")
    found = json.loads(printed)
    assert found["sample"] == "out-of-sample"
    assert {each["sample"] for each in found["groupings"][0]["cover"]} == {"out-of-sample"}


def test_a_review_as_a_page_holds_the_photos_that_the_service_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished_run(Path("run"), [Photo("first.jpg", sure(["Porit"]))], service="emulator")
    code, printed, said = call("review", "run", "--sample", "1", "--to", "html")
    assert code == 0
    assert "fetching first.jpg" in said
    assert "open it, label the points, save the table, then: coralrun review import run run-review.csv" in printed
    assert Path("run-review.html").read_text().count("data:image/jpeg;base64,") == 2


def fill(file: str, label: str, sets: str = "audit triage") -> None:
    """Label the rows of some sets in a table that was handed out."""
    with Path(file).open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with Path(file).open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label_code": label if row["set"] in sets else ""} for row in rows)


def test_an_import_of_an_audit_shows_corrected_cover_and_its_limits(run: str) -> None:
    call("review", run, "--sample", "100%", "--blind", "--out", "mine.csv")
    fill("mine.csv", "Porit")
    _, printed, _ = call("review", "import", run, "mine.csv")
    assert "  cover by label, machine and corrected (95 % interval)" in printed
    assert "    Porit                     50.0 %  100.0 %" in printed
    assert "  warning: 4 reviewed images, fewer than 50: the correction is uncertain" in printed
    assert f"wrote {Path(run, 'outputs', 'cover_corrected.csv')}" in printed


def test_an_import_says_of_the_audit_alone_how_often_the_machine_is_right(run: str) -> None:
    call("review", run, "--sample", "50%", "--out", "mine.csv")
    fill("mine.csv", "Porit")
    _, printed, _ = call("review", "import", run, "mine.csv")
    assert "  audit: 2 images reviewed, 0 points left; person and machine agree on 2 of 4 points\n" in printed
    assert "  triage and others: 4 points, 2 with another label now; no figure of accuracy\n" in printed
    found = json.loads(call("review", "import", run, "mine.csv", "--json")[1])
    assert (found["reviewed_points"], found["audited_points"], found["audited_agree"]) == (8, 4, 2)


def test_a_further_draw_says_what_it_goes_on_with_and_that_its_audit_waits_for_labels(run: str) -> None:
    call("review", run, "--sample", "1", "--out", "first.csv")
    _, printed, _ = call("review", run, "--sample", "1", "--seed", "1", "--out", "second.csv")
    assert "          one audit with the 1 image of earlier reviews\n" in printed
    _, printed, _ = call("review", run, "--sample", "1", "--out", "again.csv")
    assert "  handed out before: the wish is the same. For further images, give another --seed\n" in printed
    assert Path("again.csv").read_bytes() == Path("first.csv").read_bytes()
    fill("first.csv", "Porit", "audit")
    _, printed, _ = call("review", "import", run, "first.csv")
    assert "  a later draw waits for its first label, and takes no part yet: 2 points\n" in printed
