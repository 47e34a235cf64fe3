"""`review` and `accuracy` as people call them: what is refused, and what they say."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.unit.app.run.test_run_directory import make
from tests.unit.results.finished_runs import Photo, finished_run, label_id, sure
from typer.testing import CliRunner

from coralrun.cli import whose_labels
from coralrun.cli.main import app
from coralrun.console import printer
from coralrun.planning.model import Analysis
from coralrun.review.drawing import Drawing, HandedOut, SampleRequest
from coralrun.review.labels import Label
from coralrun.review.page.room import PageSize
from coralrun.review.reviewed import ReviewedPoint, Reviews
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.review.text import accepted_labels, drawn_lines
from coralrun.spec.model import Design
from coralrun.store.layout import Layout

TRUTH = """\
Name,Row,Column,Label,Annotator
a1.jpg,7,0,Porit,anna
a1.jpg,7,1,Turf,anna
b1.jpg,7,0,Porit,anna
z.jpg,7,0,Porit,anna
"""


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
        (["review", "run", "--sample", "5%", "--only", "all"], "--only all: not a set of points"),
        (["review", "run", "--sample", "100%", "--only", "triage"], "has no point of that set"),
        (["review", "run", "--sample", "2", "--by-class", "label", "--only", "audit"], "has no point of that set"),
        (["review", "run", "--sample", "5%", "--page-mb", "5"], "--page-mb is the size of a page"),
        (
            ["review", "run", "--sample", "5%", "--out", "truth.csv"],
            "a review that somebody filled in is never",
        ),
        (["review", "run", "--sample", "5%", "--out", "no/where.csv"], "no: no such folder"),
        (["review", "run", "run", "--sample", "5%"], "draws from one run"),
        (["review", "import"], "needs a file, and a run if not the last"),
        (["review", "run", "--undo", "--sample", "5%"], "--undo takes the last draw back, and draws nothing"),
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


def test_a_file_without_a_name_has_the_number_of_its_review(run: str) -> None:
    name = json.loads(Path(run, "run.json").read_text())["name"]
    given = ["1", "--seed", "0"], ["1", "--seed", "1"], ["1", "--seed", "1", "--to", "html"], ["1", "--seed", "1"]
    printed = [call("review", run, "--sample", *words)[1].splitlines()[0] for words in given]
    assert call("review", run, "--undo")[0] == 0
    printed.append(call("review", run, "--sample", "1", "--seed", "2")[1].splitlines()[0])
    assert printed == [
        f"{name}-review.csv: review 1 of run, seed 0",
        f"{name}-review-2.csv: review 2 of run, seed 1",
        f"{name}-review-2.html: review 2 of run, seed 1",
        f"{name}-review-2-again.csv: review 2 of run, seed 1",
        f"{name}-review-3.csv: review 3 of run, seed 2",
    ]


def test_what_comes_next_names_the_file_that_was_handed_out_last(
    run: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    Path("out").mkdir()
    elsewhere = tmp_path_factory.mktemp("private") / "ben.csv"
    for out, shown in (("out/for anna.csv", "'out/for anna.csv'"), (str(elsewhere), "ben.csv")):
        assert call("review", run, "--sample", "1", "--out", out)[0] == 0
        assert call("status", run)[1].splitlines()[-1].endswith(f"import run {shown}")
        assert call("verify", run)[0] == 0, "the index is one of the files that the run states"
    assert call("review", run, "--sample", "1", "--seed", "5")[0] == 0
    assert call("status", run)[1].splitlines()[-1].endswith("import run FILE"), "two are out"


def test_each_set_is_handed_out_alone_and_they_are_the_same_draw(run: str) -> None:
    _, printed, _ = call("review", run, "--sample", "50%", "--only", "audit", "--out", "audit.csv")
    assert printed.splitlines()[1:3] == [
        "  audit   4 points on 2 images, drawn at random: these may correct cover",
        "  triage  4 points that the machine is least sure of: not in this file. --only triage hands them out",
    ]
    for only, file in (("triage", "triage.csv"), ("", "all.csv")):
        assert call("review", run, "--sample", "50%", "--only", only, "--out", file)[0] == 0
    audit, triage, both = (Path(file).read_text().splitlines() for file in ("audit.csv", "triage.csv", "all.csv"))
    assert both == [*audit, *triage[1:]]
    assert {line.split(",")[1] for line in triage[1:]} == {"triage"}


def test_a_page_says_how_large_it_is_and_what_to_do_about_it() -> None:
    drawn = tuple(DrawnPoint(of, 0, 1, "") for of in (ReviewSet.AUDIT, ReviewSet.TRIAGE))
    drawing = Drawing(
        number=1, table=b"", drawn=drawn, only=None, unit="u", without_unit=(), is_again=False, earlier_images=0,
        out_of_reach=None,
    )  # fmt: skip

    def said(page: PageSize, only: ReviewSet | None = None) -> str:
        handed = HandedOut(Path("a.html"), replace(drawing, only=only), page)
        return "\n".join(drawn_lines(Path("run"), SampleRequest(sample="1"), handed))

    assert "  page    3.2 MB\n  open it" in said(PageSize(3_200_000, 25_000_000, 0, 0))
    assert "the smallest 340 pixels across" in said(PageSize(24_900_000, 25_000_000, 340, 0))
    assert "3 whole photos left out, to keep to --page-mb 25" in said(PageSize(24_900_000, 25_000_000, 340, 3))
    too_large = PageSize(31_000_000, 25_000_000, 0, 3)
    assert "more than --page-mb 25, by its points alone: draw fewer, or hand out one set with --only" in said(too_large)
    assert "--only" not in said(too_large, ReviewSet.AUDIT).replace("--only triage hands", "")


def test_an_audit_of_photos_that_may_have_trained_the_classifier_says_so_when_drawn() -> None:
    drawing = Drawing(
        number=1, table=b"", drawn=(), only=None, unit="u", without_unit=(), is_again=False, earlier_images=0,
        out_of_reach=None, in_sample=2, undated=1,
    )  # fmt: skip
    said = "\n".join(drawn_lines(Path("run"), SampleRequest(sample="1"), HandedOut(Path("a.csv"), drawing, None)))
    assert "  IN-SAMPLE: the classifier may have been trained on 2 images of these; expect it to err more" in said
    undated = "1 image without a date of annotation since the last plan: `coralrun accuracy run --from-source` asks"
    assert undated in said


def test_an_audit_that_can_give_no_interval_is_said_to_be_one_when_drawn(run: str) -> None:
    _, printed, _ = call("review", run, "--sample", "1", "--out", "one.csv")
    assert "warning: no interval of corrected cover will come of this: fewer than two units are drawn in all" in printed
    assert "--sample 1 --seed 1 draws as many images more beside these, and reaches enough units" in printed
    _, printed, _ = call("review", run, "--sample", "1", "--seed", "1", "--out", "more.csv")
    assert "no interval" not in printed


def test_cover_says_where_the_figures_stand_that_an_audit_corrects(run: str) -> None:
    call("review", run, "--sample", "100%", "--out", "all.csv")
    assert "the machine's" not in call("cover", run)[1]
    with Path("all.csv").open(newline="") as file:
        rows = [row | {"label_code": row["machine_label_code"], "annotator": "anna"} for row in csv.DictReader(file)]
    with Path("filled.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert call("review", "import", run, "filled.csv")[0] == 0
    corrected = Path(run, "outputs", "cover_corrected.csv")
    said = f"note: these figures are the machine's; {corrected} has those that people's reviews correct\n"
    assert said in call("cover", run)[1]


def test_an_import_answers_programs_in_json(run: str) -> None:
    code, printed, _ = call("review", "import", run, "truth.csv", "--accept-labels", "Turf", "--json")
    found = json.loads(printed)
    assert code == 0
    assert (found["labelled"], found["reviewed_points"], found["audited_images"]) == (3, 3, 0)
    assert found["unmatched"] == [
        {"file": "", "line": 5, "name": "z.jpg", "row": 7, "column": 0, "why": "no image of the run has this name"}
    ]


def test_an_import_lists_what_does_not_match_and_what_it_wrote(run: str) -> None:
    _, printed, _ = call("review", "import", run, "truth.csv", "--accept-labels", "Turf")
    assert "    line 5: z.jpg, row 7, column 0: no image of the run has this name" in printed
    assert "no point of an audit is reviewed: cover stays as the machine has it" in printed
    assert f"wrote {Path(run, 'outputs', 'reviewed.csv')}" in printed
    assert printed.splitlines()[-2:] == [
        "  next    coralrun report run --open",
        "          coralrun review run --sample 30% --to html",
    ]


def test_an_unknown_label_is_held_back_with_its_rows_until_accepted(run: str) -> None:
    """And nothing else of the file is lost, whatever came before."""
    rows = ["a1.jpg,7,0,Poritt,anna", "a1.jpg,7,1,sand,anna", "b1.jpg,7,0,Gorgonian,anna", "b1.jpg,7,1,Gorgonian,anna"]
    Path("mine.csv").write_text("\n".join([TRUTH.splitlines()[0], *rows]))

    code, printed, _ = call("review", "import", run, "mine.csv")

    lines = printed.splitlines()
    assert code == 7
    assert lines[0] == "run: import 1: 1 of 4 rows taken, 3 HELD BACK: see below"
    assert lines[-7:] == [
        "  HELD BACK, for the run does not know their labels: 3 rows",
        "    mine.csv:2: a1.jpg: `Poritt`: did you mean `Porit`?",
        "    mine.csv:4: b1.jpg: `Gorgonian`",
        "    mine.csv:5: b1.jpg: `Gorgonian`",
        "  Correct them and import the corrected file. Or accept what looks like no other label:",
        "  coralrun review import run mine.csv --accept-labels Gorgonian",
        "  A label that looks like another and is meant as it stands is accepted likewise: --accept-labels LABEL",
    ]
    assert [row["human_label_code"] for row in reviewed(run)] == ["Sand"]

    found = json.loads(call("review", "import", run, "mine.csv", "--accept-labels", "Gorgonian", "--json")[1])
    assert found["held_back"] == [
        {"file": "", "line": 2, "name": "a1.jpg", "label": "Poritt", "meant": "Porit", "label_of_id": ""}
    ]
    assert found["accepted_labels"] == {"Gorgonian": 2}
    code, printed, _ = call("review", "import", run, "mine.csv")
    assert code == 7, "what was accepted once stays accepted"
    assert "  accepted, though the classifier never gave them: `Gorgonian` (2)" in printed
    assert [row["human_label_code"] for row in reviewed(run)] == ["Sand", "Gorgonian", "Gorgonian"]


def test_a_review_of_another_run_is_refused_and_not_kept(run: str) -> None:
    Path("other.csv").write_text("Name,Row,Column,Label,Annotator\nz.jpg,7,0,Porit,anna\na1.jpg,6,6,Porit,anna\n")
    code, _, said = call("review", "import", run, "other.csv")
    assert code == 2
    assert "other.csv: no row is of a point of run (the first: z.jpg: no image of the run has this name)" in said
    assert not Path(run, "reviews").exists()


def test_a_label_that_a_classifier_without_numbers_gave_is_none_that_was_accepted(run: str) -> None:
    assert accepted_labels(Reviews((reviewed_as("Sand"), reviewed_as("Gorgonian")), new=frozenset({"Gorgonian"}))) == {
        "Gorgonian": 1
    }


def reviewed_as(code: str) -> ReviewedPoint:
    """A point that a person labelled, as a classifier without numbers has it."""
    return cast(ReviewedPoint, SimpleNamespace(human=Label(None, code)))


def test_a_row_whose_id_is_another_label_than_its_code_is_held_back(run: str) -> None:
    sand = label_id("Sand")
    Path("ids.csv").write_text(f"name,row,column,label_code,label_id,annotator\na1.jpg,7,0,Porit,{sand},anna\n")
    code, printed, _ = call("review", "import", run, "ids.csv")
    assert code == 7
    assert printed.splitlines()[-3:] == [
        "  HELD BACK, for the run does not know their labels: 1 row",
        "    ids.csv:2: a1.jpg: `Porit`, but its label id is `Sand`",
        "  Correct them and import the corrected file.",
    ]


def test_a_label_that_no_row_has_is_not_accepted(run: str) -> None:
    code, _, said = call("review", "import", run, "truth.csv", "--accept-labels", "Truf")
    assert code == 2
    assert said == ("--accept-labels Truf: no row of truth.csv that people labelled has it\n-> Did you mean `Turf`?\n")
    assert not Path(run, "reviews").exists()


def test_whose_the_labels_are_is_for_an_import_alone(run: str) -> None:
    for option in ("--labelled-by", "--accept-labels", "--sheet"):
        code, _, said = call("review", run, "--sample", "5%", option, "people")
        assert (code, said.splitlines()[0]) == (
            2,
            "--labelled-by, --accept-labels, --encoding, --sheet and --columns are for `coralrun review import`",
        )


def reviewed(run: str) -> list[dict[str, str]]:
    with Path(run, "outputs", "reviewed.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


PLAIN = "Name,Row,Column,Label\na1.jpg,7,0,Porit\nb1.jpg,7,1,Sand\n"
NOBODY = """\
{file}: no column says who gave {count} of its labels, people or a machine
-> If people gave them, say so: --labelled-by people. Where some are a machine's, \
give the table a column `Annotator`: a machine's labels are no truth.
"""
COMMANDS = (["accuracy", "run", "--truth", "plain.csv"], ["review", "import", "run", "plain.csv"])


@pytest.mark.parametrize("command", COMMANDS, ids=["accuracy", "import"])
def test_a_table_that_does_not_say_who_labelled_it_needs_somebodys_word(run: str, command: list[str]) -> None:
    Path("plain.csv").write_text(PLAIN)
    code, printed, said = call(*command)
    assert (code, printed, said) == (2, "", NOBODY.format(file="plain.csv", count=2))
    assert not Path(run, "reviews").exists()

    code, printed, _ = call(*command, "--labelled-by", "people")
    assert code == 0
    told = "no column says who gave 2 of the labels; taken as people's, as --labelled-by people says"
    assert printed.splitlines()[1] == f"  {told}"
    assert json.loads(call(*command, "--labelled-by", "people", "--json")[1])["taken_as_peoples"] == told

    code, _, said = call(*command, "--labelled-by", "machine")
    assert (code, said.splitlines()[0]) == (2, "--labelled-by machine: not known here")


@pytest.mark.parametrize("command", COMMANDS, ids=["accuracy", "import"])
@pytest.mark.parametrize("answer", ["y", "n"])
def test_somebody_at_a_terminal_is_asked_whose_the_labels_are(
    run: str, command: list[str], answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("plain.csv").write_text(PLAIN)
    monkeypatch.setattr(whose_labels, "at_terminal", lambda: True)
    done = CliRunner().invoke(app, command, input=f"{answer}\n")
    assert "plain.csv: no column says who gave 2 of its labels. Did people give them? [y/N]" in done.stdout
    assert done.exit_code == (0 if answer == "y" else 2)
    told = "  no column says who gave 2 of the labels; taken as people's, as was answered here\n"
    assert (told in done.stdout) is (answer == "y")


def test_what_was_said_of_a_file_is_kept_with_it(run: str) -> None:
    Path("plain.csv").write_text(PLAIN)
    call("review", "import", run, "plain.csv", "--labelled-by", "people")
    call("review", "import", run, "truth.csv")
    assert [row["human_label_code"] for row in reviewed(run)] == ["Porit", "Porit", "Sand"]


def test_rows_that_say_it_leave_those_that_do_not_out_and_count_them(run: str) -> None:
    rows = ["a1.jpg,7,0,Porit,anna", "a1.jpg,7,1,Sand,", "a2.jpg,7,0,Porit,robot", "b1.jpg,7,0,Porit,ben"]
    Path("mixed.csv").write_text("\n".join([TRUTH.splitlines()[0], *rows]))
    _, printed, _ = call("accuracy", run, "--truth", "mixed.csv", "--allow-in-sample")
    assert printed.splitlines()[:3] == [
        "run against mixed.csv: 2 of 4 rows judge",
        "  left out: 1 labelled by a machine, as the column `Annotator` says",
        "  left out: 1 of which nobody says who labelled them (--labelled-by people, if people did)",
    ]
    _, printed, _ = call("review", "import", run, "mixed.csv")
    assert printed.splitlines()[:4] == [
        "run: import 1: 2 of 4 rows taken",
        "  without a label yet: 0",
        "  labelled by a machine, and no review: 1",
        "  of which nobody says who labelled them: 1 (--labelled-by people, if people did)",
    ]


def test_accuracy_writes_its_tables_once_and_over_nothing(run: str) -> None:
    code, printed, _ = call("accuracy", run, "--truth", "truth.csv", "--out", "figures")
    assert code == 0
    assert "run against truth.csv: 3 of 4 rows judge" in printed
    names = sorted(path.name for path in Path("figures").iterdir())
    assert names == [
        "accuracy_confusion.csv",
        "accuracy_cover.csv",
        "accuracy_images.csv",
        "accuracy_points.csv",
        "accuracy_units.csv",
    ]
    code, _, error = call("accuracy", run, "--truth", "truth.csv", "--out", "figures")
    assert code == 2
    assert "there already" in error


def test_accuracy_in_json_stamps_every_figure(run: str) -> None:
    _, printed, _ = call("accuracy", run, "--truth", "truth.csv", "--json")
    found = json.loads(printed)
    assert found["sample"] == "out-of-sample"
    assert {row["sample"] for row in found["groupings"][0]["cover"]} == {"out-of-sample"}


def test_a_review_as_a_page_holds_the_photos_that_the_service_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished_run(Path("run"), [Photo("first.jpg", sure(["Porit"]))], service="emulator")
    code, printed, said = call("review", "run", "--sample", "1", "--to", "html")
    assert code == 0
    assert "fetching photos: 1" in said
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
    assert (
        "  warning: fewer than 10 audited points of Porit (8), Sand (4): what corrects these is mostly chance"
        in printed
    )
    assert f"wrote {Path(run, 'outputs', 'cover_corrected.csv')}" in printed


def test_an_import_says_of_the_audit_alone_how_often_the_machine_is_right(run: str) -> None:
    call("review", run, "--sample", "50%", "--out", "mine.csv")
    fill("mine.csv", "Porit")
    _, printed, _ = call("review", "import", run, "mine.csv")
    agree = "person and machine agree on 2 of these 4 points, each counted the same"
    assert f"  audit: 2 images reviewed, 0 points left; {agree}\n" in printed
    assert "  triage and others: 4 points, 2 with another label now; no figure of accuracy\n" in printed
    found = json.loads(call("review", "import", run, "mine.csv", "--json")[1])
    assert (found["reviewed_points"], found["audited_points"], found["audited_agree"]) == (8, 4, 2)


def test_a_further_draw_says_what_it_follows_and_that_it_waits_for_labels(run: str) -> None:
    call("review", run, "--sample", "1", "--out", "first.csv")
    _, printed, _ = call("review", run, "--sample", "1", "--seed", "1", "--out", "second.csv")
    assert "          one audit with the 1 image of earlier reviews\n" in printed
    _, printed, _ = call("review", run, "--sample", "1", "--out", "again.csv")
    assert "  handed out before: the same sample was asked for. For further images, give another --seed\n" in printed
    assert Path("again.csv").read_bytes() == Path("first.csv").read_bytes()
    fill("first.csv", "Porit", "audit")
    _, printed, _ = call("review", "import", run, "first.csv")
    assert "  a later draw waits for its first label, and takes no part yet: 2 points\n" in printed


def test_a_run_that_nobody_named_is_said_first_and_asked_about_if_in_doubt(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("runs").mkdir()
    Path(run).rename("runs/reef")
    _, printed, said = call("review", "--sample", "1", "--out", "mine.csv")
    assert said == "runs/reef: the only run under runs/\n"
    assert printed.startswith("mine.csv: review 1 of runs/reef")

    make(Path("runs"), "pilot", "2998-01-01T00:00:00Z")
    monkeypatch.setattr(printer, "at_terminal", lambda: True)
    Layout(Path("runs/reef")).owner.write_text('{"pid":1,"host":"here","since":"2999-01-01T00:00:00Z"}')
    done = CliRunner().invoke(app, ["review", "--undo"], input="n\n")
    assert done.exit_code == 2
    assert done.stderr.startswith("runs/reef: the run last worked on, though runs/pilot was begun later\n")
    assert "no run was chosen; nothing was done\n-> Name the run, such as runs/pilot." in done.stderr
    done = CliRunner().invoke(app, ["review", "--undo"], input="y\n")
    assert "Take runs/reef? [Y/n]" in done.stdout
    assert "runs/reef: review 1 is undone: 4 points on 2 images, none of them labelled\n" in done.stdout
