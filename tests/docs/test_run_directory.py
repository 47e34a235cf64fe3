"""A real run leaves the files that docs/runs.md lists and no other, and each is as its schema says.

One small run in which nearly everything appears: its points come from a file and its names from a list, one image
fails, its tables are CSV and Parquet, and its labels are in groups.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.docs.markdown import ROOT, RUNS, table, words

from coralrun.app.answers.outputs import write_tables
from coralrun.app.reviewing import review as reviews
from coralrun.app.reviewing import review_import
from coralrun.app.run.run_directory import open_run
from coralrun.clock import SystemClock
from coralrun.emulator.demo import DEMO_IMAGES, Settings
from coralrun.emulator.reef import Reef
from coralrun.errors import EXIT_SOME_IMAGES_FAILED
from coralrun.results import tables
from coralrun.review.drawing import SampleRequest
from coralrun.store import snapshot

SURVEY = """\
version: 1
name: everything
service: emulator
classifier: {source: 1}
sources: [{coralnet: 1, filters: {names_from: names.txt, limit: 3}}]
sampling: {points: {from: points.csv}}
metadata: {from_names: "reef_{site}_{depth}_{transect}_{quadrat}_{date:%Y%m%d}.jpg"}
design: {unit: site}
cover: {groups: groups.yaml, diversity: true}
run: {batch_size: 1, patience: 1s}
outputs: {directory: run, formats: [csv, parquet, coralnet-annotations, percent-covers, cover, matrix, notebook]}
"""

NOT_SEEN_IN_THE_END = {
    *("state/torn-N.txt", "state/snapshot-N.json", "run.now", "run.untold", "plans/N/inputs/annotations-N.csv"),
    "outputs/cover_two_phase.csv",
    *("spool/bN.aN/request.json", "spool/bN.aN/N.scores", "spool/bN.aN.json"),
}
"""A line that a crash tore, what stands in for thousands of facts, what a process says while it works, and what other
surveys, services and reviews keep: all have tests of their own."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of three images, one of which has a point outside and fails."""
    folder = tmp_path_factory.mktemp("everything")
    reef = Reef(Settings().seed, DEMO_IMAGES)
    names = [reef.photo(index, index + 1, "").name for index in range(3)]
    shutil.copy(ROOT / "examples" / "cover" / "groups" / "drawn-reef.yaml", folder / "groups.yaml")
    (folder / "names.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    rows = [(name, row, 7 * row) for name in names for row in (10, 20)] + [(names[-1], 100_000, 0)]
    with (folder / "points.csv").open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([("Name", "Row", "Column"), *rows])
    (folder / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "coralrun", "apply", "survey.yaml", "--yes"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == EXIT_SOME_IMAGES_FAILED, done.stdout + done.stderr
    review(folder)
    return folder / "run"


def review(folder: Path) -> None:
    """Have the run reviewed: a person finds sand wherever the sample leads."""
    opened = open_run(folder / "run")
    drawn = reviews.draw(opened, SampleRequest(sample="1"), SystemClock())
    header, *rows = csv.reader(io.StringIO(drawn.table.decode(), newline=""))
    label = header.index("label_code")
    with (folder / "filled.csv").open("w", newline="", encoding="utf-8") as filled:
        csv.writer(filled).writerows([header, *([*row[:label], "Sand", *row[label + 1 :]] for row in rows)])
    review_import.take(opened, folder / "filled.csv", SystemClock())
    write_tables(opened)


def files(run: Path) -> list[str]:
    return sorted(path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file())


def listed() -> dict[str, re.Pattern[str]]:
    """The files that docs/runs.md lists, as patterns: N is a number, NAME a name that coralrun made safe."""
    names = [words(row[0])[0] for row in table(RUNS, "What a run leaves behind")]
    return {
        name: re.compile(
            re.escape(name)
            .replace("NN\\-NAME", r"\d{2}-[A-Za-z0-9._-]+")
            .replace("=NAME", "=[A-Za-z0-9._~%-]+")
            .replace("/NAME", "/[A-Za-z0-9._ ()+-]+")
            .replace("N", r"\d+")
        )
        for name in names
    }


def validator(name: str, definition: str = "") -> Draft202012Validator:
    schema = json.loads((ROOT / "schemas" / f"{name}.v1.json").read_text(encoding="utf-8"))
    return Draft202012Validator({**schema["$defs"][definition], "$defs": schema["$defs"]} if definition else schema)


def test_a_run_leaves_the_files_that_the_readme_lists_and_no_other(run: Path) -> None:
    found = files(run)
    patterns = listed()
    assert [name for name in found if not any(pattern.fullmatch(name) for pattern in patterns.values())] == []
    absent = {name for name, pattern in patterns.items() if not any(map(pattern.fullmatch, found))}
    assert absent == NOT_SEEN_IN_THE_END


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions another way")
def test_nobody_but_its_owner_can_enter_a_run_or_read_its_addresses(run: Path) -> None:
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert stat.S_IMODE((run / "plans/001/images.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("run.json", "run"),
        ("plans/001/plan.json", "plan"),
        ("plans/001/units.json", "units"),
        ("plans/001/analysis.json", "analysis"),
        ("plans/001/survey.json", "survey-resolved"),
        ("run.owner", "owner"),
        ("reviews/index.json", "reviews"),
    ],
)
def test_each_json_file_is_as_its_schema_says(run: Path, file: str, schema: str) -> None:
    validator(schema).validate(json.loads((run / file).read_bytes()))


@pytest.mark.parametrize(
    ("file", "schema", "definition"),
    [
        ("state/journal-0.jsonl", "journal", ""),
        ("log.jsonl", "log", ""),
        ("plans/001/images.jsonl", "plan", "PlannedImage"),
        ("plans/001/points.jsonl", "plan", "PointsLine"),
    ],
)
def test_each_line_of_a_file_of_lines_is_as_its_schema_says(run: Path, file: str, schema: str, definition: str) -> None:
    lines = (run / file).read_bytes().splitlines()
    assert len(lines) >= 3
    for line in lines:
        validator(schema, definition).validate(json.loads(line))


def test_each_stored_result_is_as_its_schema_says(run: Path) -> None:
    stored = sorted((run / "results").glob("*.json.gz"))
    assert len(stored) == 2
    for path in stored:
        validator("result").validate(json.loads(gzip.decompress(path.read_bytes())))


def test_a_snapshot_of_the_run_is_as_its_schema_says(run: Path) -> None:
    opened = open_run(run)
    validator("snapshot").validate(json.loads(snapshot.encode(opened.state, opened.loaded.position)))


def test_the_tables_have_their_columns_and_a_row_for_each_thing(run: Path) -> None:
    def read(name: str) -> list[list[str]]:
        with (run / "outputs" / name).open(newline="", encoding="utf-8") as opened:
            return list(csv.reader(opened))

    heading, *rows = read("predictions.csv")
    assert tuple(heading) == (*tables.PREDICTION_COLUMNS, "site", "depth", "transect", "quadrat", "date")
    assert [row[3:5] for row in rows] == [["10", "70"], ["20", "140"]] * 2
    heading, *rows = read("failures.csv")
    assert tuple(heading) == tables.FAILURE_COLUMNS
    assert [row[2:] for row in rows] == [["3", "a point lies outside the image: row 100000, where 359 is the last"]]
    heading, *rows = read("tries.csv")
    assert tuple(heading) == tables.TRY_COLUMNS
    assert [row[2] for row in rows] == ["1", "1", "0"]
    heading, *rows = read("jobs.csv")
    assert tuple(heading) == tables.JOB_COLUMNS
    assert [row[3] for row in rows] == ["1", "1"]
