"""Workbooks: which sheet is the table, what its cells say, and what cannot be read."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.unit.sources.workbooks import ods, saved, sheets, xlsx

from coralrun.errors import InvalidInput
from coralrun.sources import workbook, workbook_cells
from coralrun.sources.records import Cells, cells_of
from coralrun.sources.workbook import cell_name
from coralrun.spec.model import Reading

A_SHEET: list[list[object]] = [["name", "depth"], ["a.jpg", 5], ["b.jpg", 7.5]]
ITS_ROWS = [(1, ["name", "depth"]), (2, ["a.jpg", "5"]), (3, ["b.jpg", "7.5"])]


def read(data: bytes, label: str = "a.xlsx", sheet: str | None = None) -> list[tuple[int, list[str]]]:
    return list(cells_of(label, data, Reading(sheet=sheet)).rows)


def cut(data: bytes, sheet: str | None = None) -> Cells:
    return cells_of("a.xlsx", data, Reading(sheet=sheet))


def complaint(data: bytes, label: str = "a.xlsx", sheet: str | None = None) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(data, label, sheet)
    return str(refused.value)


@pytest.mark.parametrize("label", ["a.xlsx", "A.ODS", "a.xls", "a.xlsb", "a.xlsm"])
@pytest.mark.parametrize("kind", [sheets, ods])
def test_the_kind_of_a_workbook_shows_inside_it_whatever_its_ending_is(kind: Any, label: str) -> None:
    assert read(kind(Sites=A_SHEET), label) == ITS_ROWS


def test_rows_have_their_numbers_in_the_sheet_and_columns_their_places() -> None:
    def fill(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet["B3"], sheet["C3"], sheet["B6"] = "name", "site", "a.jpg"
        sheet["Z40"].font = openpyxl.styles.Font(bold=True)

    assert read(xlsx(fill)) == [(3, ["", "name", "site"]), (6, ["", "a.jpg"])]


def test_cells_say_what_they_show() -> None:
    shown: list[list[object]] = [
        [12.0, 0.1 + 0.2, 1e-7, 4000, "007", "  reef "],
        [True, datetime(2008, 4, 15), datetime(2008, 4, 15, 7, 30), timedelta(hours=7, minutes=30)],
        ["=1/0", "NA", None, "x"],
    ]
    assert read(sheets(a=shown)) == [
        (1, ["12", "0.3", "1e-07", "4000", "007", "reef"]),
        (2, ["true", "2008-04-15", "2008-04-15 07:30:00", "7:30:00"]),
        (3, ["", "NA", "", "x"]),
    ]


def test_days_counted_from_1904_are_the_same_days() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.worksheets[0].append(["day", datetime(2024, 6, 12)])
    assert read(saved(book)) == [(1, ["day", "2024-06-12"])]


def test_cells_joined_over_rows_say_the_same_and_a_title_stands_once() -> None:
    def fill(book: Any) -> None:
        sheet = book.worksheets[0]
        for row in (["Survey", None, "x"], ["a", "Reef 1"], ["b"], ["c"], ["d"], ["e", "Reef 2"]):
            sheet.append(row)
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("B2:B4")

    assert [cells for _, cells in read(xlsx(fill))] == [
        ["Survey", "", "x"],
        ["a", "Reef 1"],
        ["b", "Reef 1"],
        ["c", "Reef 1"],
        ["d"],
        ["e", "Reef 2"],
    ]


def test_the_first_shown_sheet_is_read_and_others_with_content_are_known() -> None:
    def fill(book: Any) -> None:
        for name in ("Sites", "Empty", "Notes", "Hidden"):
            book.create_sheet(name)
        book.worksheets[0].sheet_state = "hidden"
        book["Hidden"].sheet_state = "veryHidden"
        book["Sites"].append(["name"])
        book["Notes"].append(["made by hand"])
        book["Hidden"].append(["lists"])
        book.create_chartsheet("Chart")

    found = cut(xlsx(fill))
    assert found.sheet is not None
    assert (found.sheet.name, found.sheet.others, list(found.rows)) == ("Sites", ("Notes",), [(1, ["name"])])


def test_a_sheet_is_chosen_by_its_name_in_any_case_also_a_hidden_one() -> None:
    def fill(book: Any) -> None:
        book.worksheets[0].append(["first"])
        book.create_sheet("Sites 2024").append(["second"])
        book["Sites 2024"].sheet_state = "hidden"

    data = xlsx(fill)
    assert [read(data, sheet=name) for name in ("Sites 2024", "sites 2024 ")] == [[(1, ["second"])]] * 2
    assert complaint(data, sheet="Sites") == ("a.xlsx: there is no sheet `Sites`: it has Sheet, Sites 2024")
    assert complaint(b"name\n", "a.csv", "Sites") == (
        "a.csv: there is no sheet `Sites` in it, for it is no workbook: leave `sheet` out"
    )


@pytest.mark.parametrize("data", [b"name,url\n", b"PK\x03\x04", sheets(a=A_SHEET)[:2000], ods(a=A_SHEET)[:300]])
def test_what_is_no_workbook_or_a_torn_one_is_said_plainly(data: bytes) -> None:
    assert complaint(data) == "a.xlsx: this cannot be read as a spreadsheet: open it and save it again as .xlsx or CSV"


def test_a_cell_half_a_terabyte_away_ends_neither_the_program_nor_its_memory() -> None:
    def fill(book: Any) -> None:
        book.worksheets[0]["A1"] = "name"
        book.worksheets[0]["XFD1048576"] = "far"

    assert complaint(xlsx(fill)) == (
        "a.xlsx: the workbook is damaged, or too large to be read: copy the table into a new one, or save it as CSV"
    )


def test_one_long_text_in_very_many_cells_is_not_repeated_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_cells, "MOST_TEXT_BYTES", 100_000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(sheets(a=[["x" * 30_000]] * 9))))
    monkeypatch.setattr("sys.stdout", written := io.StringIO())
    with pytest.raises(SystemExit):
        workbook_cells.main(None)
    assert len(written.getvalue()) < 130_000


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MOST_BYTES", 1_000_000)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 1_000_001)
    assert len(target.getvalue()) < 2_000
    assert complaint(target.getvalue()) == "a.xlsx: the workbook is too large to be read: save the sheet as CSV"


@pytest.mark.parametrize(("column", "name"), [(0, "A3"), (25, "Z3"), (26, "AA3"), (701, "ZZ3"), (16383, "XFD3")])
def test_cells_are_called_as_spreadsheets_call_them(column: int, name: str) -> None:
    assert cell_name(3, column) == name


def test_nothing_in_the_working_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python_calamine.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    assert read(sheets(a=A_SHEET)) == ITS_ROWS
