"""A run as a workbook: numbers are numbers, texts are texts whatever they begin with, and headings stay in view."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from tests.unit.app.answers.test_corrected_cover import audited
from tests.unit.app.answers.test_cover import groups_of
from tests.unit.exports.runs import drawn_run
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.answers.export import export, results_of
from coralrun.errors import UsageError
from coralrun.exports import xlsx
from coralrun.exports.model import ExportOptions
from coralrun.exports.registry import format_named
from coralrun.planning.model import Analysis
from coralrun.spec.model import Design

SHEETS = ["cover", "units", "images", "failures", "notes"]


def made(folder: Path) -> bytes:
    (data,) = xlsx.make(drawn_run(folder), ExportOptions()).parts
    return data


def test_it_has_its_sheets_with_frozen_headings_and_numbers(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(tmp_path)))
    assert book.sheetnames == SHEETS
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    headings = [cell.value for cell in book["cover"][1]]
    row = dict(zip(headings, book["cover"][2], strict=True))
    assert (headings[0], row["mean"].data_type, row["group"].data_type) == ("stratum", "n", "s")
    assert isinstance(row["mean"].value, float)
    assert book["failures"]["A1"].value == "source"
    assert book["failures"].max_row > 1


def test_the_notes_begin_with_what_must_be_known_before_a_number_is_believed(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo("1.jpg", sure("AB"))], service="http://localhost:8000")
    told = export(run, format_named("xlsx"), ExportOptions(), out=tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert [cell.value for cell in book["notes"]["A"]] == ["note", *told.notes]
    assert told.notes[0] == run.plan.about.caution != ""


def test_labels_stand_by_their_cover_and_groups_as_people_ordered_them(tmp_path: Path) -> None:
    photos = [Photo("1.jpg", sure("ABBB"), ("x",)), Photo("2.jpg", sure("BAAAAA"), ("y",))]
    analysis = Analysis(
        design=Design(unit="image", strata_field="zone"), groups=groups_of(Rare="C", Rest="B", Most="A")
    )
    run = finished_run(tmp_path / "run", photos, fields=("zone",), analysis=analysis)
    export(run, format_named("xlsx"), ExportOptions(), out=tmp_path / "run.xlsx")
    heading, *rows = openpyxl.load_workbook(tmp_path / "run.xlsx")["cover"].values
    at = [heading.index(name) for name in ("stratum", "grouping", "group")]
    found = [tuple(row[place] for place in at) for row in rows]
    labels = {stratum: [name for of, level, name in found if (of, level) == (stratum, "label")] for stratum in "xy"}
    assert labels == {"x": ["B", "A"], "y": ["A", "B"]}
    assert [name for of, level, name in found if (of, level) == ("y", "group")] == ["Rare", "Rest", "Most"]


def test_metadata_that_are_numbers_throughout_are_numbers(tmp_path: Path) -> None:
    told = [("1998", "007", "2.5"), ("2003", "12", "10"), ("2003", "12", "")]
    photos = [Photo(f"{n}.jpg", sure("AB"), values) for n, values in enumerate(told)]
    design = Design(unit="plot", levels=("year", "plot", "image"), strata_field="depth")
    run = finished_run(tmp_path, photos, fields=("year", "plot", "depth"), analysis=Analysis(design=design))
    (data,) = xlsx.make(results_of(run, format_named("xlsx")), ExportOptions()).parts
    book = openpyxl.load_workbook(io.BytesIO(data))

    def column(sheet: str, name: str) -> set[object]:
        heading, *rows = book[sheet].values
        return {row[heading.index(name)] for row in rows}

    assert column("images", "year") == column("units", "year") == {1998, 2003}
    assert column("images", "plot") == column("units", "plot") == {"007", "12"}
    assert column("images", "depth") == column("cover", "stratum") == {2.5, 10, None}


def test_a_column_is_numbers_in_all_sheets_or_in_none(tmp_path: Path) -> None:
    told = [("1", "3", "5"), ("2", "", "deep"), ("2b", "", "deep"), ("1", "4", "10")]  # two have no unit
    photos = [Photo(f"{n}.jpg", sure("AB"), values) for n, values in enumerate(told)]
    design = Design(unit="plot", levels=("site", "plot"), strata_field="depth")
    run = finished_run(tmp_path, photos, fields=("site", "plot", "depth"), analysis=Analysis(design=design))
    (data,) = xlsx.make(results_of(run, format_named("xlsx")), ExportOptions()).parts
    book = openpyxl.load_workbook(io.BytesIO(data))
    kinds: dict[object, set[str]] = {}
    for sheet in book:
        for heading, *column in sheet.columns:
            kinds.setdefault(heading.value, set()).update(cell.data_type for cell in column if cell.value is not None)
    assert (kinds["site"], kinds["depth"], kinds["stratum"], kinds["plot"]) == ({"s"}, {"s"}, {"s"}, {"n"})


def test_a_column_is_as_wide_as_what_is_in_it_within_bounds(tmp_path: Path) -> None:
    names = ["Bahía Añaza/Transect 1/IMG_0001.JPG", "b" * 200]
    run = finished_run(tmp_path, [Photo(name, sure("A")) for name in names[:1]])
    (data,) = xlsx.make(results_of(run, format_named("xlsx")), ExportOptions()).parts
    sheet = openpyxl.load_workbook(io.BytesIO(data))["images"]
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert widths["name"] == len(names[0]) + 2
    assert widths["points_unassigned"] == len("points_unassigned") + 2
    assert widths["mean"] == 10
    assert list(xlsx._widths([("name",), (names[1],)])) == [62]


def test_corrected_cover_is_a_sheet_once_people_reviewed_an_audit(tmp_path: Path) -> None:
    run = audited(tmp_path, "Porit")
    path = export(run, format_named("xlsx"), ExportOptions(), out=tmp_path / "out.xlsx").path
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["cover", "cover_corrected", *SHEETS[1:]]
    sheet = [[cell.value for cell in row] for row in book["cover_corrected"]]
    with (run.layout.outputs / "cover_corrected.csv").open(newline="") as opened:
        table = list(csv.reader(opened))
    assert sheet[0] == table[0]
    assert [row[sheet[0].index("group")] for row in sheet] == [row[table[0].index("group")] for row in table]
    assert isinstance(sheet[1][sheet[0].index("cover_corrected")], (int, float))
    said = [row[0].value for row in book["notes"]]
    assert "people's reviews are in `cover_corrected` alone: the other sheets say what the classifier says" in said


def test_it_is_the_same_bytes_on_every_making(tmp_path: Path) -> None:
    assert made(tmp_path / "a") == made(tmp_path / "b")


NAMES = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "bell\x07", "x" * 40_000]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_no_cell_is_a_formula_whatever_a_name_begins_with(name: str, tmp_path: Path) -> None:
    photos = [Photo(f"{name}.jpg", sure(["Coral", "=2+2"]), (name,)), Photo("b.jpg", None, ("b",))]
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=Analysis(design=Design(unit="site")))
    path = export(run, format_named("xlsx"), ExportOptions(), out=tmp_path / "out.xlsx").path
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert any(cell.value == "=2+2" for cell in cells)


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path / "run", [Photo("a.jpg", sure(["Coral"]))])
    monkeypatch.setattr(xlsx, "MOST_ROWS", 1)
    with pytest.raises(UsageError, match="the sheet `cover` would have 2 rows"):
        xlsx.make(results_of(run, format_named("xlsx")), ExportOptions())
