"""Lists of image names: lines as they stand, and tables with a column of names."""

from __future__ import annotations

import pytest
from tests.unit.sources.workbooks import ods, sheets

from coralrun.errors import InvalidInput
from coralrun.sources.names_file import read_names


def refusal(label: str, data: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_names(label, data)
    return str(refused.value)


def test_a_list_is_read_line_by_line_as_it_stands() -> None:
    text = '\ufeffa, b.jpg\r\n\n  "c".jpg  \rd\u2028e.jpg\na, b.jpg\n'
    assert read_names("list.txt", text.encode()) == ("a, b.jpg", '"c".jpg', "d\u2028e.jpg")


@pytest.mark.parametrize("header", ["Name", "filename", "# Image name", "Name,"])
def test_the_heading_of_a_list_is_no_name(header: str) -> None:
    assert read_names("list.csv", f'{header}\na.jpg\n"b".jpg\n'.encode()) == ("a.jpg", '"b".jpg')


def test_names_under_a_quoted_heading_are_quoted_too() -> None:
    data = b'"Name"\n"a.jpg"\n"b ""1"".jpg"\nc.jpg\n'
    assert read_names("list.csv", data) == ("a.jpg", 'b "1".jpg', "c.jpg")


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("list.xlsx", sheets(a=[["Name"], ["a.jpg"], [None], ["b.jpg"], ["a.jpg"]])),
        ("list.ods", ods(a=[["a.jpg"], ["b.jpg"]])),
        ("list.jsonl", b'{"image": "a.jpg"}\n{"image": "b.jpg"}\n'),
    ],
)
def test_a_table_of_one_column_is_a_list_with_a_heading_or_without(label: str, data: bytes) -> None:
    assert read_names(label, data) == ("a.jpg", "b.jpg")


def test_the_sheet_of_a_list_is_named_where_there_are_several() -> None:
    said: list[str] = []
    assert read_names("list.xlsx", sheets(crest=[["a.jpg"]], slope=[["b.jpg"]]), said.append) == ("a.jpg",)
    assert said == ["list.xlsx: of its sheets `crest` is read, and not `slope`; move another to the front"]


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("tries.csv", b'source,name,tries\ncoralnet:1,"a, 1.jpg",2\ncoralnet:1,b.jpg,1\n'),
        ("points.txt", b"# Name\tRow\na, 1.jpg\t7\na, 1.jpg\t9\nb.jpg\t8\n"),
        ("semicolons.csv", b"site;image_name\nNorth;a, 1.jpg\nSouth;b.jpg\n;\n"),
        ("book.xlsx", sheets(a=[["Site", "Image"], ["North", "a, 1.jpg"], [None, "b.jpg"]])),
        ("rows.jsonl", b'{"image": "a, 1.jpg", "row": 1}\n{"image": "b.jpg", "row": 2}\n'),
    ],
)
def test_of_a_table_the_column_of_names_is_read(label: str, data: bytes) -> None:
    assert read_names(label, data) == ("a, 1.jpg", "b.jpg")


def test_a_workbook_of_several_columns_without_headings_is_no_list() -> None:
    assert refusal("2008.xlsx", sheets(a=[["a.jpg"], ["b.jpg", "North"]])) == (
        "2008.xlsx:2: the line `b.jpg, North` is that of a table: give the column of names a heading, such as `Name`"
    )
    assert refusal("2008.csv", b"Name,Site\na.jpg,North,7\n").startswith("2008.csv:2: ")


def test_a_list_that_is_not_utf_8_is_refused_with_its_line() -> None:
    assert refusal("list.txt", b"a.jpg\nr\xe9cif.jpg\n") == (
        "list.txt:2: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like windows-1252"
    )


def test_a_file_that_is_no_text_is_no_list() -> None:
    assert refusal("2008.txt", b"%PDF-1.4") == (
        "2008.txt: this is a PDF, not a text table: open it and save the table as CSV"
    )


def test_names_are_unquoted_where_every_line_is_quoted_whatever_the_heading() -> None:
    assert read_names("names.txt", b'"x"\n"a.jpg"\n"say ""b"".jpg"\n') == ("x", "a.jpg", 'say "b".jpg')
    assert read_names("names.txt", b'"a".jpg\n"b.jpg"\n') == ('"a".jpg', '"b.jpg"')
