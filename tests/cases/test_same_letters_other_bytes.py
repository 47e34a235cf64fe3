"""Names whose letters look the same and are written in other bytes, in each place where names meet."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Case = Callable[[str], Path]
Coralrun = Callable[..., Result]

SURVEY = """version: 1
name: bytes
service: emulator
classifier: {source: 1}
sources: [{manifest: images.csv, filters: {names_from: list.txt}}]
metadata: sites.csv
sampling:
  points: {from: points.csv}
"""


def warnings(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line.removeprefix("  warning: ") for line in result.output.splitlines() if "warning" in line]


def test_the_photo_of_the_case_is_planned_and_the_difference_said(case: Case, coralrun: Coralrun) -> None:
    result = coralrun("plan", case("same-letters-other-bytes") / "survey.yaml")
    assert "  images      2\n" in result.output
    assert "not found" not in result.output
    assert warnings(result) == [
        "points.csv: 1 name was matched to one that is written in other characters: "
        "`re\u0301cif1.jpg` (é written as e + U+0301) for `récif1.jpg`"
    ]


def test_a_list_a_table_and_points_each_in_other_bytes_are_joined_and_said(tmp_path: Path, coralrun: Coralrun) -> None:
    name = "Îlot 3.jpg"
    files = {
        "survey.yaml": SURVEY,
        "images.csv": f"name,url,width,height\n{name},https://example.org/1.jpg,40,30\n",
        "list.txt": f"{unicodedata.normalize('NFD', name)}\n",
        "sites.csv": f"name,site\n{name.replace(' ', chr(0xA0))},North\n",
        "points.csv": f"Name,Row,Column\n{name.upper()},1,2\n",
    }
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    result = coralrun("plan", tmp_path / "survey.yaml")
    assert "  images      1\n" in result.output
    assert warnings(result) == [
        "sites.csv: 1 name was matched to one that is written in other characters: "
        "`Îlot\u00a03.jpg` (with U+00A0 no-break space) for `Îlot 3.jpg`",
        "list.txt: 1 name was matched to one that is written in other characters: "
        "`I\u0302lot 3.jpg` (Î written as I + U+0302) for `Îlot 3.jpg`",
        "points.csv: 1 name was matched ignoring upper and lower case: `ÎLOT 3.JPG` for `Îlot 3.jpg`",
    ]
