"""Tables as people's programs write them: sheets, notes, blanks between cells, and commas in numbers."""

from __future__ import annotations

import pytest
from tests.unit.sources.workbooks import ods, sheets

from coralrun.errors import InvalidInput
from coralrun.planning.images import Point, Size
from coralrun.sources.amounts_file import read_areas
from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.manifest import read_manifest
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.points_file import read_points
from coralrun.sources.reading import ByOption
from coralrun.spec.model import Metadata, Reading
from coralrun.spec.point_design import AnnotationArea, AreaUnit

NOTED = [["Name", "site"], ["a.jpg", "North"], ["b.jpg", "South", None, "checked by Ann"]]


def refusal(label: str, data: bytes, reading: Reading | None = None) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_metadata(label, data, reading)
    return str(refused.value)


@pytest.mark.parametrize("kind", [sheets, ods])
def test_a_note_beside_a_table_is_named_by_its_cell(kind: object) -> None:
    assert callable(kind)
    assert refusal("sites.xlsx", kind(a=NOTED)) == (
        "sites.xlsx:3: cell D3 (`checked by Ann`) has no heading above it: give it one, or clear the cell"
    )


@pytest.mark.parametrize(("mark", "its_name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_a_line_of_text_that_is_too_long_is_told_by_what_separates_its_cells(mark: str, its_name: str) -> None:
    text = mark.join(("Name", "site")) + "\n" + mark.join(("a.jpg", "North", "deep")) + "\n"
    assert refusal("sites.csv", text.encode()) == (
        f"sites.csv:2: 3 cells, where the header has 2: quote a name with a {its_name} in it"
    )


TWO = sheets(Read_me=[["how this was made"]], Sites=[["Name", "site"], ["a.jpg", "North"]])


def test_of_several_sheets_it_is_said_which_was_read() -> None:
    said: list[str] = []
    swapped = sheets(Sites=[["Name", "site"], ["a.jpg", "North"]], Read_me=[["how this was made"]])
    assert read_metadata("sites.xlsx", swapped, None, said.append).rows == {"a.jpg": ("North",)}
    note = "of its sheets `Sites` is read, and not `Read_me`; `sheet: Read_me` chooses another"
    assert said == [f"sites.xlsx: {note}"]
    assert refusal("sites.xlsx", TWO) == (
        "sites.xlsx:1: there is no column `Name`: the header needs Name; it has how this was made; a column of another "
        "name is named in the survey: `columns: {name: ...}`; of its sheets `Read_me` is read, and not `Sites`; "
        "`sheet: Sites` chooses another"
    )


def test_a_sheet_that_the_survey_names_is_read_without_a_word() -> None:
    said: list[str] = []
    table = read_metadata("sites.xlsx", TWO, Reading(sheet="sites"), said.append)
    assert (table.rows, said) == ({"a.jpg": ("North",)}, [])


def test_labels_of_people_are_read_from_the_one_sheet_or_the_one_that_is_named() -> None:
    labels: list[list[object]] = [["Name", "Row", "Column", "Label"], ["a.jpg", 1, 2, "Sand"]]
    assert [point.label_code for point in read_labelled("t.xlsx", sheets(Labels=labels, Empty=[]))] == ["Sand"]
    with pytest.raises(InvalidInput) as refused:
        read_labelled("t.xlsx", sheets(South=labels, North=labels))
    assert str(refused.value) == (
        "t.xlsx: the workbook has other sheets that hold something (`North`): say which, by `--sheet ...`"
    )
    (point,) = read_labelled("t.xlsx", sheets(South=[], North=labels, Old=labels), ByOption(sheet="old"))
    assert point.label_code == "Sand"


def test_blanks_between_cells_as_r_writes_them_are_read_in_every_role() -> None:
    sites = b'"Name" "site" "depth m"\n"1" "a 1.jpg" "Reef \\"A\\"" 5.5\n"2" "b.jpg" NA NA\n'
    table = read_metadata("sites.txt", sites)
    assert table.fields == ("site", "depth m")
    assert table.rows == {"a 1.jpg": ('Reef "A"', "5.5"), "b.jpg": ("NA", "NA")}
    points = read_points("p.txt", {"p.txt": b'"Name" "Row" "Column"\n"17" "a.jpg" 1 2\n"18" "a.jpg" 30 4\n'})
    assert dict(points) == {"a.jpg": (Point(1, 2), Point(30, 4))}
    aligned = b"name  url                      width height\na.jpg https://r.example/a.jpg    40     30 \n"
    (image,) = read_manifest("m.txt", aligned).images
    assert (image.name, image.url, image.size) == ("a.jpg", "https://r.example/a.jpg", Size(40, 30))
    assert read_areas("areas.txt", b'"habitat" "area"\n"1" "fore reef" 12.5\n', "habitat", Metadata()) == {
        "fore reef": 12.5
    }
    (labelled,) = read_labelled("t.txt", b'"Name" "Row" "Column" "Label"\n"1" "a.jpg" 1 2 "Soft coral"\n')
    assert (labelled.name, labelled.column, labelled.label_code) == ("a.jpg", 2, "Soft coral")


def test_a_blank_in_a_cell_that_is_not_quoted_is_told() -> None:
    assert refusal("sites.txt", b"Name site depth\na.jpg Reef A 5\nb.jpg Slope 6\n") == (
        "sites.txt:2: 4 cells, where the header has 3: quote a name with a blank in it"
    )


def test_a_header_of_one_column_with_a_blank_in_it_is_one_column() -> None:
    assert "it has Site name" in refusal("sites.csv", b"Site name\na b\n")


def test_commas_in_numbers_are_decimal_marks_in_every_role() -> None:
    said: list[str] = []
    sites = b"Name;depth;lat;code\na.jpg;12,5;-17,4812;1,2,3\nb.jpg;1,234;NA;x\n"
    table = read_metadata("sites.csv", sites, None, said.append)
    assert table.rows == {"a.jpg": ("12.5", "-17.4812", "1,2,3"), "b.jpg": ("1.234", "NA", "x")}
    assert said == ["sites.csv: the comma is a decimal mark in `depth`, `lat`: 1,5 is 1.5"]
    points = read_points("p.tsv", {"p.tsv": b"Name\tRow\tColumn\na.jpg\t12,0\t7,0\na.jpg\t3,0\t4,0\n"})
    assert dict(points) == {"a.jpg": (Point(12, 7), Point(3, 4))}
    shares = read_points("s.csv", {"s.csv": b"Name;x;y\na.jpg;0,5;0,25\n"})
    assert dict(shares) == {"a.jpg": (Point(250_000_000, 500_000_000),)}
    manifest = b"name;url;width;height;annotation_area\na.jpg;https://r.example/a.jpg;400,0;300,0;5,95,10,90\n"
    (image,) = read_manifest("m.csv", manifest).images
    assert (image.size, image.area) == (
        Size(400, 300),
        AnnotationArea(unit=AreaUnit.PIXELS, x=(5, 95), y=(10, 90)),
    )
    assert read_areas("a.csv", b"habitat;area\ncrest;12,5\n", "habitat", Metadata()) == {"crest": 12.5}
    (labelled,) = read_labelled("t.csv", b"Name;Row;Column;Label\na.jpg;1,0;2,0;Sand\n")
    assert (labelled.row, labelled.column) == (1, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"Name;depth\na.jpg;1,234\nb.jpg;12,345\n", "1,234"),  # a thousand, as well as not
        (b"Name;depth\na.jpg;1,2\nb.jpg;deep\n", "1,2"),  # a text
        (b"Name;depth\na.jpg;1,2\nb.jpg;3.5\n", "1,2"),  # a point is the mark elsewhere
        (b'Name,depth\na.jpg,"1,2"\n', "1,2"),  # the comma separates cells
    ],
)
def test_commas_that_may_be_something_else_stay(text: bytes, value: str) -> None:
    assert read_metadata("sites.csv", text).rows["a.jpg"] == (value,)


@pytest.mark.parametrize(("mark", "its_name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_a_line_whose_cells_moved_into_an_empty_one_at_its_end_is_told(mark: str, its_name: str) -> None:
    rows = ["Name,site,depth,note", "a.jpg,North,5,ok", "b.jpg,Bay, inner,7,", "c.jpg,South,9"]
    assert refusal("sites.csv", "\n".join(rows).replace(",", mark).encode()) == (
        f"sites.csv:3: 5 cells, where the header has 4: quote a name with a {its_name} in it, "
        "or take the one at the end away"
    )


def test_lines_that_all_end_in_a_comma_too_many_have_moved_nothing() -> None:
    assert read_metadata("sites.csv", b"Name,site\na.jpg,North,\nb.jpg,South,\n").rows == {
        "a.jpg": ("North",),
        "b.jpg": ("South",),
    }


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_quotation_mark_opens_a_cell_after_blanks_too(mark: str) -> None:
    text = f'Name{mark} site{mark}  depth\na.jpg{mark} "Bay{mark} inner"{mark} 5\nb.jpg{mark}  "Say ""Ah"""{mark} 7\n'
    assert read_metadata("sites.csv", text.encode()).rows == {
        "a.jpg": (f"Bay{mark} inner", "5"),
        "b.jpg": ('Say "Ah"', "7"),
    }


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_heading_that_a_spreadsheet_broke_into_lines_is_one(mark: str) -> None:
    text = f'"Image\nname"{mark}"Depth\r\n(m)"{mark}site\na.jpg{mark}5{mark}North\n'
    table = read_metadata("sites.csv", text.encode())
    assert (table.fields, table.rows) == (("Depth (m)", "site"), {"a.jpg": ("5", "North")})
    named = read_metadata("sites.csv", b'"Photo\nno",site\na.jpg,North\n', Reading(columns={"name": "Photo no"}))
    assert named.rows == {"a.jpg": ("North",)}
