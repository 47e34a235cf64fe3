"""Names, labels, sites, fields and groups that are formulas, through every table that coralrun writes.

Rule: no cell of a table for people is one that a spreadsheet would run; no text of a table for programs is changed.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.docs.markdown import ROOT, table, words
from tests.unit.results.finished_runs import Found, Photo, finished_run
from typer.testing import CliRunner

from coralrun.app.answers.export import export
from coralrun.app.beforehand.points import LaidPoints, write_points
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.cli.main import app
from coralrun.cli.problems import list_problems
from coralrun.clock import SystemClock
from coralrun.errors import SHOWN_PROBLEMS, InvalidInput, Problem
from coralrun.exports.model import ExportOptions, InputFile
from coralrun.exports.registry import FORMATS, format_named
from coralrun.files.spreadsheet import plain_cell, safe_cell
from coralrun.files.written import Csv, Table
from coralrun.planning.images import Size
from coralrun.planning.model import Analysis
from coralrun.review.drawing import SampleRequest
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "'=2+2", "\uff1d1+1", "x;=1+1")
FIELDS = ("=site", "management", "transect", "date", "latitude", "longitude")
CLOCK = SystemClock()
TABLES: tuple[Csv, ...] = (
    *Table,
    *(wanted.table for wanted in FORMATS if wanted.is_csv and wanted.table not in tuple(Table)),
)


def would_run(cell: str) -> bool:
    """Whether a spreadsheet would run a cell, or a part of it where it takes a semicolon for a comma."""
    for part in cell.split(";"):
        try:
            float(part.replace(",", "."))
        except ValueError:
            if part[:1] in tuple("\t\r\n") or part.lstrip("\u00a0 ")[:1] in tuple("=+-@\uff1d"):
                return True
    return False


def formulas_as_everything(folder: Path) -> OpenRun:
    """A run in which each formula is the name of a photo, its site, and the label of its points."""
    photos = [
        Photo(f"{text}.jpg", [Found(1, n, ((text, 0.9), ("Sand", 0.05))) for n in (1, 2)],
              (text, "=open", "1", "2026-01-02", "-17.5", "-149.8"))
        for text in FORMULAS
    ]  # fmt: skip
    photos.append(Photo("-lost.jpg", None, ("-a site", "=open", "1", "2026-01-02", "-17.5", "-149.8")))
    labels = {score[0] for photo in photos for found in photo.found or () for score in found.scores}
    ids = {int.from_bytes(label.encode()[:3], "big") for label in labels}
    assert len(ids) == len(labels), "two labels would share an id"
    groups = LabelGroups(
        name="g", title="g", date="2026", source="=x", levels=("category", "subcategory"),
        groups=(Group(path=("Hard coral", "=sub"), labels=tuple(sorted(ids)), live=True),),
    )  # fmt: skip
    analysis = Analysis(design=Design(unit="=site"), groups=groups, cover=CoverOptions(diversity=True))
    return finished_run(folder, photos, fields=FIELDS, analysis=analysis)


def reviewed(run: OpenRun, folder: Path, request: SampleRequest) -> Mapping[Csv, bytes]:
    """A review of the whole run, filled in by somebody whose name and comment are formulas, and what comes of it."""
    drawing = review.draw(run, request, CLOCK)
    rows = list(csv.DictReader(io.StringIO(drawing.table.decode(), newline="")))
    path = folder / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        for row in rows:
            said = {"label_code": row["machine_label_code"], "annotator": "'=anna", "comment": "'@here"}
            writer.writerow({**row, **said})
    taken = review_import.take(run, path, CLOCK)
    assert taken.outcome.labelled == taken.outcome.rows == 2 * len(FORMULAS)
    assert {point.human.code for point in taken.reviews.points} == set(FORMULAS)
    assert {(point.row.annotator, point.row.comment) for point in taken.reviews.points} == {("=anna", "@here")}
    return {Table.REVIEW: drawing.table, Table.DRAWN: run.layout.drawn(1).read_bytes()}


def judged(run: OpenRun, folder: Path) -> Mapping[Csv, bytes]:
    """The figures of the run by its own reviews, beside those of a copy of it."""
    truth, out, other = run.layout.outputs / Table.REVIEWED.file, folder, folder.parent / "copy"
    shutil.copytree(run.layout.root, other)
    command = ["accuracy", str(run.layout.root), "--truth", str(truth), "--allow-in-sample", "--out", str(out)]
    done = CliRunner().invoke(app, [*command, "--beside", str(other)])
    assert done.exit_code == 0, done.stderr
    assert f"{2 * len(FORMULAS)} of {2 * len(FORMULAS)} rows judge" in done.stdout
    return in_folder(out)


def exported(run: OpenRun, folder: Path) -> Mapping[Csv, bytes]:
    """Every export, with what each asks for."""
    rates = ["Name,Mean,Lower bound,Upper bound", *(f"The label {text},1,0,2" for text in (*FORMULAS, "Sand"))]
    options: dict[str, ExportOptions] = {
        "mermaid": ExportOptions(fields={"site": "=site"}, unreviewed=True),
        "gcrmn": ExportOptions(fields={"locality": "=site"}, values={"datasetID": "1"}),
        "coralnet-upload": ExportOptions(replace_existing=True, with_labels=True),
        "carbonate": ExportOptions(rates=InputFile("rates.csv", "\n".join(rates).encode())),
    }
    made = {}
    for wanted in FORMATS:
        if not wanted.is_csv:
            continue  # a workbook: tests/unit/exports/test_xlsx.py
        path = export(
            run, format_named(wanted.name), options.get(wanted.name, ExportOptions()), out=folder / wanted.name
        ).path
        made[wanted.table] = (
            b"".join(file.read_bytes() for file in path.iterdir()) if wanted.folder else path.read_bytes()
        )
    return made


def laid(run: OpenRun, folder: Path) -> Mapping[Csv, bytes]:
    """The points of the run as files, one photo being left out."""
    plan = run.plan
    sizes = [Size(50, 50) if number else None for number in range(len(plan.images))]
    plan = replace(plan, images=tuple(structs.replace(image, points=1) for image in plan.images))
    write_points(LaidPoints(plan, sizes, ((0, "=its reason"),)), folder)
    return in_folder(folder)


def listed(folder: Path) -> Mapping[Csv, bytes]:
    problem = Problem("=file.csv", 1, 1, "@said")
    assert list_problems(InvalidInput([problem] * (SHOWN_PROBLEMS + 1)))
    return in_folder(folder)


def in_folder(folder: Path) -> Mapping[Csv, bytes]:
    """The tables of a folder; a CSV that the registry does not have is no table that may be written."""
    kinds: dict[str, Csv] = {kind.file: kind for kind in Table}
    return {kinds[path.name]: path.read_bytes() for path in folder.glob("*.csv")}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Csv, bytes]:
    """Every table that coralrun writes, of a run of formulas; the exports are made before anybody reviews it."""
    top = tmp_path_factory.mktemp("formulas")
    run = formulas_as_everything(top / "run")
    places = {name: top / name for name in ("exports", "reviews", "figures", "points", "problems")}
    for place in places.values():
        place.mkdir()
    made = dict(exported(run, places["exports"]))
    shutil.copytree(run.layout.root, top / "by class")
    made |= reviewed(run, places["reviews"], SampleRequest(sample="100%"))
    of_classes = open_run(top / "by class")
    reviewed(of_classes, top, SampleRequest(sample=str(2 * len(FORMULAS)), by_class="label"))
    made |= in_folder(of_classes.layout.outputs)
    made |= in_folder(run.layout.outputs)
    made |= judged(run, places["figures"])
    made |= laid(run, places["points"])
    with contextlib.chdir(places["problems"]):
        made |= listed(places["problems"])
    return made


def cells(data: bytes) -> set[str]:
    return {cell for row in csv.reader(io.StringIO(data.decode(), newline="")) for cell in row}


def test_no_table_is_written_but_by_way_of_its_entry() -> None:
    """The others write what a survey brings, the header of a table, what CoralNet is sent, and what the embedded one
    answers."""
    engine = ROOT / "engine" / "coralrun"
    writers = {"to_csv", "writer", "DictWriter"}

    def writes(path: Path) -> bool:
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        return any(isinstance(called, ast.Attribute) and called.attr in writers for called in calls)

    found = {path.relative_to(engine).as_posix() for path in engine.rglob("*.py") if writes(path)}
    assert found == {
        "files/written.py",
        "cover/tables.py",
        "app/survey/survey_tables.py",
        "coralnet/reading/metadata.py",
        "coralnet/codec/metadata_table.py",
        "coralnet/codec/points_table.py",
        "emulator/exports.py",
        "emulator/backend_page.py",
    }


def test_every_table_is_written_here(written: Mapping[Csv, bytes]) -> None:
    assert set(written) == set(TABLES)


@pytest.mark.parametrize("kind", [kind for kind in TABLES if kind.is_for_people], ids=lambda kind: kind.file)
def test_a_table_for_people_has_no_cell_that_a_spreadsheet_would_run(written: Mapping[Csv, bytes], kind: Csv) -> None:
    found = cells(written[kind])
    assert [cell for cell in found if would_run(cell)] == []
    assert any(plain_cell(cell) != cell for cell in found), "no formula came by, so nothing was tried"


@pytest.mark.parametrize("kind", [kind for kind in TABLES if not kind.is_for_people], ids=lambda kind: kind.file)
def test_a_table_for_programs_has_every_text_letter_by_letter(written: Mapping[Csv, bytes], kind: Csv) -> None:
    found = cells(written[kind])
    texts = {*FORMULAS, *FIELDS, *(f"{text}.jpg" for text in FORMULAS), "-lost.jpg", "-a site", "=open", "=sub"}
    assert found & ({safe_cell(text) for text in texts} - texts) == set()
    if kind not in (Table.JOBS, Table.DRAWN):  # they hold neither a name nor a label
        assert sum(would_run(cell) for cell in found) >= len(FORMULAS) - 1


def test_a_number_below_zero_stays_a_number() -> None:
    assert Table.COVER.lines([("-5", "-12.5", -1.5, "-5 m")]) == b"-5,-12.5,-1.5,'-5 m\n"


def test_the_documents_say_which_tables_are_for_people_and_which_for_programs() -> None:
    heading = "Tables for people and tables for programs"
    rows = {row[0]: set(words(row[1])) for row in table(ROOT / "docs" / "runs.md", heading)}
    assert rows == {
        "people": {kind.file for kind in TABLES if kind.is_for_people},
        "programs": {kind.file for kind in TABLES if not kind.is_for_people} | {"predictions.parquet"},
    }
