"""A review is out, or back, while the points of its survey change and change back: nobody labels in vain unawares."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.e2e.rehearsal import Desk

import coralrun

SOURCE = "{coralnet: 1, filters: {limit: 4}}"


def fill(handed_out: Path) -> Path:
    """Label all points of a review as the machine does."""
    with handed_out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    filled = handed_out.with_name("filled.csv")
    with filled.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows({**row, "label_code": row["machine_label_code"]} for row in rows)
    return filled


def audited(desk: Desk) -> int:
    return sum(row["set"] == "audit" for row in csv.DictReader(desk.table("reviewed.csv").decode().splitlines()))


def test_fewer_points_of_a_design_leave_an_audit_one(desk: Desk) -> None:
    def apply(points: int) -> str:
        design = f"{{method: simple random, number_of_points: {points}, seed: 42}}"
        return desk.run("apply", desk.survey(source=SOURCE, points=design), "--yes")[0]

    apply(25)
    desk.run("review", "run", "--sample", "2")
    said = apply(16)
    assert "  review 1 is handed out: 36 of its 100 points go, and labels of them will correct nothing" in said
    assert "coralrun review import run rehearsal-review.csv" in said
    printed, _ = desk.run("review", "import", "run", fill(desk.folder / "rehearsal-review.csv"))
    assert "64 of 100 rows taken" in printed
    assert (
        "    36 rows of review 1, made when the survey had other points (plan 1): of its 100 points it has 64 still"
        in printed
    )
    assert "audit: 2 images reviewed, 0 points left" in printed
    assert "no corrected cover" not in printed
    assert "  36 reviewed points count again, as before" in apply(25)
    assert audited(desk) == 50


def test_labels_of_points_that_were_laid_anew_are_kept_and_count_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)

    def apply(points: int) -> tuple[coralrun.Run, str]:
        planned = coralrun.plan(
            points=points,
            name="reef",
            service=desk.reef.url,
            sources=[{"coralnet": 1, "filters": {"limit": 4}}],
            classifier={"source": 1},
            run={"patience": "1s"},
        )
        run = planned.apply(tmp_path / "run")
        return run, capsys.readouterr().out

    run, _ = apply(25)
    filled = fill(run.review(2, out=tmp_path / "review.csv"))
    run, said = apply(16)
    assert "  review 1 is handed out: 100 of its 100 points go, and labels of them will correct nothing" in said
    assert (
        "  review  1 is handed out, of other points than the survey has now: labels of it will correct nothing" in said
    )
    run.import_review(filled)
    said = capsys.readouterr().out
    assert "rows of review 1, made when the survey had other points (plan 1): of its 100 points it has 0 still" in said
    assert "NOTHING OF THIS CORRECTS COVER NOW" in said
    assert "of points that the survey had before" in Path(run.report()).read_text(encoding="utf-8")
    (why,) = run.corrected_cover.attrs["notes"]
    assert "labels are of points that the survey had before: they count again once it has these" in why
    run, said = apply(25)
    assert "reviewed points count again, as before" in said
    assert run.reviewed["set"].value_counts().to_dict() == {"audit": 50, "triage": 50}
