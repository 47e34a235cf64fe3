"""Tables of every format that people have, cut into the same rows."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from PIL import Image

from coralrun.errors import InvalidInput
from coralrun.sources.records import cells_of
from coralrun.spec.model import Reading

HEADER = ["name", "url", "width", "day"]
ROWS = [["a.jpg", "https://reef.example/a", "4000", "2008-04-15"], ["b, c.jpg", "https://reef.example/b", "", ""]]


def rows(label: str, data: bytes, encoding: str = "utf-8") -> list[tuple[int, list[str]]]:
    return list(cells_of(label, data, Reading(encoding=encoding)).rows)


def complaint(label: str, data: bytes) -> str:
    with pytest.raises(InvalidInput) as problem:
        rows(label, data)
    return str(problem.value)


def packed(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "<x/>")
    return target.getvalue()


def parquet(**columns: list[object]) -> bytes:
    target = io.BytesIO()
    pa_parquet.write_table(pa.table(columns), target)
    return target.getvalue()


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (2, 2)).save(target, kind)
    return target.getvalue()


PICTURES = {f"points/a.{kind}": picture(kind) for kind in ("jpeg", "png", "tiff", "gif")}
A_JSON = "this is JSON, not a text table: save it as CSV, or as JSON lines (one mapping a line, the ending .jsonl)"
A_PHOTO = "this is a photo, not a text table: name the table of the photos instead"
COMMAS = b'name,url,width,day\na.jpg,https://reef.example/a,4000,2008-04-15\n"b, c.jpg",https://reef.example/b,,\n'
TABS = b"name\turl\twidth\tday\na.jpg\thttps://reef.example/a\t4000\t2008-04-15\nb, c.jpg\thttps://reef.example/b\t\t\n"
SEMICOLONS = b"name;url;width;day\na.jpg;https://reef.example/a;4000;2008-04-15\nb, c.jpg;https://reef.example/b;;\n"


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("images.csv", COMMAS),
        ("images.csv", SEMICOLONS),
        ("images.csv", b"sep=;\r\n" + SEMICOLONS),
        ("images.csv", b"sep=|\n" + SEMICOLONS.replace(b";", b"|")),
        ("images.txt", TABS),
        ("images.tsv", TABS),
        ("images.TAB", TABS),
    ],
)
def test_text_tables_are_cut_at_the_mark_of_their_header(label: str, data: bytes) -> None:
    first = 2 if data.startswith(b"sep=") else 1
    assert rows(label, data) == [(first, HEADER), (first + 1, ROWS[0]), (first + 2, ROWS[1])]


def test_parquet_is_read_with_its_items_counted_from_one() -> None:
    data = parquet(name=["a.jpg", "b, c.jpg"], width=[4000, None], day=[date(2008, 4, 15), None])
    assert rows("images.parquet", data) == [
        (0, ["name", "width", "day"]),
        (1, ["a.jpg", "4000", "2008-04-15"]),
        (2, ["b, c.jpg", "", ""]),
    ]


def test_json_lines_have_every_key_as_a_column_and_their_own_line_numbers() -> None:
    data = b'{"name": "a.jpg", "width": 4000}\n\n{"url": "https://reef.example/b", "name": "b", "ok": false}\n'
    assert rows("images.jsonl", data) == [
        (0, ["name", "width", "url", "ok"]),
        (1, ["a.jpg", "4000", "", ""]),
        (3, ["b", "", "https://reef.example/b", "false"]),
    ]


@pytest.mark.parametrize(
    ("label", "data", "said"),
    [
        (
            "a.csv",
            packed("xl/workbook.xml"),
            "a.csv: this is an Excel workbook, not a text table: give its name the ending .xlsx",
        ),
        (
            "a.csv",
            parquet(name=["x"]),
            "a.csv: this is a Parquet file, not a text table: give its name the ending .parquet",
        ),
        *((name, data, f"{name}: {A_PHOTO}") for name, data in PICTURES.items()),
        (
            "a.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a.csv: this is an old Excel workbook, not a text table: give its name the ending .xls",
        ),
        (
            "a.csv",
            packed("content.xml"),
            "a.csv: this is an OpenDocument file, not a text table: "
            "give its name the ending .ods if it is a spreadsheet",
        ),
        (
            "sites.numbers",
            packed("Index/Document.iwa"),
            "sites.numbers: this is a file of Numbers, not a text table: export it as Excel or CSV",
        ),
        ("a.csv.zip", packed("a.csv"), "a.csv.zip: this is a ZIP archive, not a text table: unpack it first"),
        (
            "a.csv.gz",
            gzip.compress(b"name,url", mtime=0),
            "a.csv.gz: this is a file packed by gzip, not a text table: unpack it first",
        ),
        ("a.csv", b"%PDF-1.4", "a.csv: this is a PDF, not a text table: open it and save the table as CSV"),
        ("a.csv", b"\n<!DOCTYPE html>", "a.csv: this is a web page, not a text table: save the table itself as CSV"),
        ("a.json", b'[{"name": "a.jpg"}]', f"a.json: {A_JSON}"),
        ("a.json", b'\xef\xbb\xbf{\n  "data": []}', f"a.json: {A_JSON}"),
        ("a.parquet", b"name,url", "a.parquet: this cannot be read as Parquet (ArrowInvalid)"),
        ("a.jsonl", b'{"a": 1}\n[2]', "a.jsonl:2: the line is not a flat mapping of names to values"),
        ("a.jsonl", b'{"a": {"b": 1}}', "a.jsonl:1: the line is not a flat mapping of names to values"),
        ("a.jsonl", b"name,url", 'a.jsonl:1: the line is not JSON: each is a mapping such as {"name": ...}'),
        ("a.jsonl", b"[" * 100_000, 'a.jsonl:1: the line is not JSON: each is a mapping such as {"name": ...}'),
        (
            "a.csv",
            b'name\n"open',
            "a.csv:2: the line cannot be read as CSV (unexpected end of data): "
            "is a quotation mark left open, or not doubled?",
        ),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(label: str, data: bytes, said: str) -> None:
    assert complaint(label, data) == said


def test_a_header_in_brackets_is_no_json() -> None:
    assert rows("a.csv", b"[name],[url]\na,b\n") == [(1, ["[name]", "[url]"]), (2, ["a", "b"])]


@pytest.mark.parametrize("label", ["a.csv", "a.tsv", "a.jsonl", "a.xlsx"])
def test_a_table_with_nothing_in_it_has_no_rows(label: str) -> None:
    assert rows(label, b"") == []
