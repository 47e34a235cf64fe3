"""Corrected cover and bias on each occasion, in what is printed, in the tables and in the report."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.accuracy.corrected_text import corrected_lines
from coralrun.accuracy.text import judgement_lines
from coralrun.app.answers import report
from coralrun.app.answers.accuracy import judge
from coralrun.app.answers.corrected_cover import by_class_of, correction_of
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.clock import SystemClock
from coralrun.planning.model import Analysis
from coralrun.review.drawing import SampleRequest
from coralrun.review.whose_labels import Word
from coralrun.spec.model import Design

CLOCK = SystemClock()
YEARLY = Analysis(design=Design(unit="site", occasion="year"))
PHOTOS = [
    Photo(f"{site}-{year}-{n}.jpg", sure("AABB"), (site, year))
    for site in "abc" for year in ("2008", "2010") for n in (1, 2)
]  # fmt: skip


def filled(run: OpenRun, request: SampleRequest, folder: Path) -> Path:
    """A draw that somebody answered: in 2008 one A of two is a B, in 2010 the machine is right."""
    rows = list(csv.DictReader(io.StringIO(review.draw(run, request, CLOCK).table.decode(), newline="")))
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    for row in rows:
        people = "ABBB" if "2008" in row["name"] else "AABB"
        writer.writerow({**row, "label_code": people[int(row["point"]) - 1]})
    path = folder / "filled.csv"
    path.write_text(table.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    return finished_run(tmp_path / "reef", PHOTOS, fields=("site", "year"), analysis=YEARLY)


def test_each_occasion_is_corrected_in_lines_tables_and_report(run: OpenRun, tmp_path: Path) -> None:
    truth = filled(run, SampleRequest(sample="100%"), tmp_path)
    review_import.take(run, truth, CLOCK, word=Word("people"))
    run = open_run(run.layout.root)
    frame = correction_of(run)
    first, second = (frame[(frame["year"] == year) & (frame["group"] == "A")].iloc[0] for year in ("2008", "2010"))
    assert (first["cover_corrected"], second["cover_corrected"]) == (25, 50)
    lines = list(corrected_lines(frame, "reef", 9_000, in_sample=True))
    assert lines[0].startswith("  IN-SAMPLE: ")
    assert [line for line in lines if line.startswith("    year")] == ["    year 2008", "    year 2010"]
    with (run.layout.outputs / "cover_corrected.csv").open(encoding="utf-8", newline="") as table:
        assert next(csv.reader(table))[:2] == ["year", "stratum"]
    page = re.sub(r"<[^>]+>", " ", report.build(run, None).decode())
    said = re.sub(r"\s+", " ", page)
    assert "A , 2008" in said or "A, 2008" in said
    assert "Corrected with 12 reviewed photos" in said
    assert "each site on all occasions together, in percentage points" in said
    assert re.search(r"independent of each other\. site photos points agreed, % A B a 4 16 ", said)
    told = list(judgement_lines("reef", judge(run, truth, allow_in_sample=True, word=Word("people"))))
    assert any("on 2008" in line for line in told)
    assert any(line.strip().startswith("A") and "bias +25.0" in line for line in told)


def test_points_drawn_by_class_correct_no_single_occasion(run: OpenRun, tmp_path: Path) -> None:
    truth = filled(run, SampleRequest(sample="48", by_class="label"), tmp_path)
    review_import.take(run, truth, CLOCK, word=Word("people"))
    frame = by_class_of(open_run(run.layout.root))
    assert frame["cover_corrected"].isna().all()
    assert frame["method"].str.contains("an audit of photos .--sample without --by-class. corrects each year").all()
