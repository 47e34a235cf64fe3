"""A note beside a table, several sheets in a workbook, and spreadsheets of other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

KIND = "excel-notes-and-sheets"


def test_a_note_is_named_by_its_cell(case: Callable[[str], Path], coralrun: Callable[..., Result]) -> None:
    folder = case(KIND)
    ran = coralrun("validate", folder / "survey-note.yaml")
    assert (ran.exit_code, ran.stderr.splitlines()) == (
        2,
        [
            f"{folder}/note.xlsx:3: cell C3 (`look again`) has no heading above it: give it one, or clear the cell",
            "-> Correct the lines named above and run the command again.",
        ],
    )


def test_the_sheet_that_was_read_is_named(case: Callable[[str], Path], coralrun: Callable[..., Result]) -> None:
    folder = case(KIND)
    ran = coralrun("plan", folder / "survey-two-sheets.yaml", "--offline")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-4:-2] == [
        "  images without a row in two-sheets.xlsx: 3 (b.jpg, c.jpg, d.jpg)",
        f"  warning: {folder}/two-sheets.xlsx: of its sheets `North` is read, and not `South`; "
        "`sheet: South` chooses another",
    ]


def test_a_spreadsheet_that_is_broken_is_said_plainly(
    case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    folder = case(KIND)
    ran = coralrun("validate", folder / "survey-table.yaml")
    assert (ran.exit_code, ran.stderr.splitlines()) == (
        2,
        [
            f"{folder}/table.ods: this cannot be read as a spreadsheet: open it and save it again as .xlsx or CSV",
            "-> Correct the lines named above and run the command again.",
        ],
    )
