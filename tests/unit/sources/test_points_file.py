"""Points files as CoralNet and people write them, and every complaint about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.errors import InvalidInput
from coralrun.planning.images import Extent, Point, Size
from coralrun.planning.points_table import in_pixels
from coralrun.sources.points_file import read_points
from coralrun.spec.model import Reading

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
OTHER_NAMES = (
    "a column of another name is named in the survey: `columns: {name: ...}`; "
    "the table of one image is called after it: `reef1.jpg.csv`"
)


def complaints(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidInput) as problem:
        read_points("points.csv", {"points.csv": data if isinstance(data, bytes) else data.encode()})
    return [str(found) for found in problem.value.problems]


def shared(name: str) -> bytes:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    return path.read_bytes()


@pytest.mark.parametrize(
    "header", ["Name,Row,Column", "image_name,row,column", "NAME,ROW,COLUMN", "\ufeff filename , row, col "]
)
def test_the_headings_of_coralnet_and_of_its_tools_are_known_in_any_case(header: str) -> None:
    table = read_points("points.csv", {"points.csv": f"{header}\na.jpg,3,4\n".encode()})
    assert dict(table) == {"a.jpg": (Point(row=3, column=4),)}


def test_each_image_keeps_its_points_in_the_order_of_the_file_with_repeats() -> None:
    table = read_points("points.csv", {"points.csv": b"Name,Row,Column\nb,9,9\na,5,5\nb,1,1\nb,9,9\n"})
    assert list(table) == ["b", "a"]
    assert table["b"] == (Point(9, 9), Point(1, 1), Point(9, 9))
    assert [table.line("b", index) for index in range(3)] == [2, 4, 5]
    assert table.count("b") == 3


def test_other_columns_are_left_alone_wherever_they_stand() -> None:
    table = read_points("points.csv", {"points.csv": b"Site,Column,Name,Label,Row,\nx,4,a.jpg,Porit,3,\n"})
    assert table["a.jpg"] == (Point(row=3, column=4),)


def test_whole_numbers_written_with_a_decimal_point_are_read() -> None:
    table = read_points("points.csv", {"points.csv": b"Name,Row,Column\na,12.0,7.\na,007,0\n"})
    assert table["a"] == (Point(12, 7), Point(7, 0))


@pytest.mark.parametrize("cell", ["-1", "1.5", "", "x", "1e3", "nan", "1_0", "٣", "9999999999", "9" * 5000])
def test_anything_but_a_whole_number_of_pixels_is_refused(cell: str) -> None:
    (complaint,) = complaints(f"Name,Row,Column\na,{cell},0\n")
    assert complaint == f"points.csv:2: the row `{cell[:20]}` is not a whole number of pixels from 0"


def test_all_problems_are_told_at_once_each_with_its_line() -> None:
    assert complaints("Name,Row,Column\n,1,1\na,-1,x\nb,1,1\na, b,1,1\n") == [
        "points.csv:2: there is no image name",
        "points.csv:3: the row `-1` is not a whole number of pixels from 0",
        "points.csv:3: the column `x` is not a whole number of pixels from 0",
        "points.csv:5: 4 cells, where the header has 3: quote a name with a comma in it",
    ]


def test_a_file_without_points_says_so() -> None:
    assert complaints("Name,Row,Column\n") == ["points.csv: the file has no points"]
    assert complaints("") == ["points.csv: the file is empty: it needs a header with Name, Row, Column"]


@pytest.mark.parametrize(
    ("name", "images", "points", "first"),
    [
        ("mlc/derived_ground_truth.csv", 3, 600, Point(1071, 649)),
        ("keelung-api/all_classification_results.csv", 3, 432, Point(50, 50)),
        ("source-2091/coralnet_source_2091_annotations.csv", 400, 7999, Point(111, 94)),
        ("odd-csv/coralseg_gopro_annotations.csv", 3, 2700, Point(260, 389)),
    ],
)
def test_real_tables_of_points_are_read(name: str, images: int, points: int, first: Point) -> None:
    table = read_points(name, {name: shared(name)})
    assert len(table) == images
    assert sum(table.count(image) for image in table) == points
    assert next(iter(table.values()))[0] == first


def test_a_real_table_that_is_not_one_of_points_says_what_it_has_instead() -> None:
    distances = "Left Distance, Right Distance, Top Distance, Bottom Distance"
    assert complaints(shared("keelung-api/image_points.csv")) == [
        f"points.csv:1: there is no column `Name`: the header needs Name, Row, Column; it has x, y, {distances}; "
        f"{OTHER_NAMES}"
    ]
    labels = (
        "Acr_arb, Acr_bra, Acr_dig, Acr_tab, Astrea, Cypha, Homo, Isopora, Para_austr, PocDam, Porites, Seriatop, "
        "StPis, ascidian, Soft, Sponge, Sand, Silt, D_coral, Rock, Rubble, CCA, Macro, Seagrass"
    )
    assert complaints(shared("odd-csv/lhi_percent_covers_CR_line_endings.csv")) == [
        "points.csv:1: there is no column `Row` and no column `Column`: the header needs Name, Row, Column; it has "
        f"Name, Site, Transect, Quadrat, Annotation status, Annotation area, {labels}; a column of another name is "
        "named in the survey: `columns: {row: ..., column: ...}`"
    ]


def test_points_of_many_files_are_one_table_and_one_without_names_an_images() -> None:
    files = {
        "points/a.jpg.csv": b"row,column\n1,2\n3,4\n",
        "points/b.jpg.txt": b"# Row; Col; Label\n5; 6; Porites(m)\n",
        "points/more.csv": b"Name,Row,Column\nc.jpg,7,8\n",
    }
    table, _ = read_points("points", files).matched({"a.jpg", "b.jpg", "c.jpg"})
    assert dict(table) == {
        "a.jpg": (Point(1, 2), Point(3, 4)),
        "b.jpg": (Point(5, 6),),
        "c.jpg": (Point(7, 8),),
    }
    assert [table.file(name) for name in table] == list(files)


def test_a_table_called_after_something_else_than_an_image_needs_names() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_points("a.dense_labels.csv", {"a.dense_labels.csv": b",Y,X\n0,1,2\n"})
    assert str(refused.value) == (
        "a.dense_labels.csv:1: there is no column `Name`: the header needs Name, Row, Column; "
        f"it has (no heading), Y, X; {OTHER_NAMES}"
    )


def test_problems_of_every_file_are_told_and_an_image_in_two_files_is_one() -> None:
    files = {
        "points/a.csv": b"Name,Row,Column\na.jpg,1,2\n",
        "points/b.csv": b"Name,Row,Column\na.jpg,1,2\n",
        "points/c.csv": b"Row,Column\n1,2\n",
        "points/d.jpg.csv": b"Row,Column\n-1,2\n",
    }
    with pytest.raises(InvalidInput) as problem:
        read_points("points", files)
    assert [str(found) for found in problem.value.problems] == [
        "points/b.csv: `a.jpg` has points in points/a.csv too: give each image one file",
        "points/c.csv:1: there is no column `Name`: the header needs Name, Row, Column; it has Row, Column; "
        f"{OTHER_NAMES}",
        "points/d.jpg.csv:2: the row `-1` is not a whole number of pixels from 0",
    ]
    assert problem.value.remedy == (
        "Correct the lines named above; where other files are in the folder, name the tables alone: `points/*.csv`."
    )
    with pytest.raises(InvalidInput) as problem:
        read_points("points/*.csv", files)
    assert problem.value.remedy == InvalidInput.remedy


def test_places_from_0_to_1_are_fractions_of_the_sides() -> None:
    table = read_points("p.csv", {"p.csv": b"point.media.key,point.x,point.y\na,0.25,0.5\na,1,0\nb,1e-3,.999\n"})
    assert table["a"] == (Point(row=500_000_000, column=250_000_000), Point(row=0, column=1_000_000_000))
    extent = table.extent("a")
    assert extent == Extent(1_000_000_000, 1_000_000_000, whole_parts=False)
    assert in_pixels(table["b"], extent, Size(4000, 3000)) == (Point(row=2997, column=4),)


@pytest.mark.parametrize("corner", ["0,0", "1,1", "0,1", "1.0,0.0"])
def test_a_corner_does_not_tell_fractions_from_pixels_and_the_next_does(corner: str) -> None:
    fractions = read_points("p.csv", {"p.csv": f"name,row,column\na,{corner}\na,0.5,1\n".encode()})
    assert fractions.extent("a") == Extent(1_000_000_000, 1_000_000_000, whole_parts=False)
    assert fractions["a"][1] == Point(500_000_000, 1_000_000_000)
    pixels = read_points("p.csv", {"p.csv": f"name,row,column\na,{corner}\na,2,1\n".encode()})
    assert (pixels.extent("a"), pixels["a"][1]) == (None, Point(2, 1))


def test_places_at_corners_alone_are_pixels() -> None:
    table = read_points("p.csv", {"p.csv": b"name,row,column\na,0,0\na,1,1\n"})
    assert (table.extent("a"), table["a"]) == (None, (Point(0, 0), Point(1, 1)))


def test_a_place_that_is_no_fraction_among_fractions_is_refused() -> None:
    assert complaints("name,x,y\na,0.25,0.5\na,1.5,-0.1\na,nan,x\n") == [
        "points.csv:3: the row `-0.1` is not a fraction of the image's side, from 0 to 1",
        "points.csv:3: the column `1.5` is not a fraction of the image's side, from 0 to 1",
        "points.csv:4: the row `x` is not a fraction of the image's side, from 0 to 1",
        "points.csv:4: the column `nan` is not a fraction of the image's side, from 0 to 1",
    ]


def test_places_with_decimals_that_are_no_fractions_are_refused_not_rounded() -> None:
    assert complaints("name,x,y\na,93.1000001,99.8\n") == [
        "points.csv:2: the row `99.8` is not a whole number of pixels from 0",
        "points.csv:2: the column `93.1000001` is not a whole number of pixels from 0",
    ]


def test_columns_and_encoding_may_be_given() -> None:
    reading = Reading(encoding="windows-1252", columns={"name": "Foto", "row": "zeile", "column": "Spalte"})
    table = read_points("p.csv", {"p.csv": "foto;Zeile;Spalte\nrécif.jpg;3;4\n".encode("cp1252")}, reading)
    assert dict(table) == {"récif.jpg": (Point(3, 4),)}


def test_the_real_points_of_squidle_are_read_as_fractions() -> None:
    name = "squidle-urls/squidle_annotations_with_urls.csv"
    table = read_points(name, {name: shared(name)})
    assert sum(table.count(image) for image in table) == 1500
    assert all(extent is not None and not extent.whole_parts for extent in map(table.extent, table))


def test_the_real_points_of_moorea_photo_by_photo_are_the_table_of_them_all() -> None:
    photos = sorted((SHARED / "mlc").glob("*.jpg.txt"))
    if not photos:
        pytest.skip("the shared data folder is not there")
    table = read_points("mlc/*.jpg.txt", {f"mlc/{path.name}": path.read_bytes() for path in photos})
    name = "mlc/derived_ground_truth.csv"
    of_all = read_points(name, {name: shared(name)})
    assert dict(table.matched(of_all)[0]) == dict(of_all)


@pytest.mark.parametrize("header", ["Row,Name,X,Y", "row,NAME,x,y"])
def test_a_row_that_numbers_the_lines_is_no_place_where_x_and_y_are_there(header: str) -> None:
    table = read_points("points.csv", {"points.csv": f"{header}\n1,a.jpg,30,40\n2,a.jpg,50,60\n".encode()})
    assert table["a.jpg"] == (Point(row=40, column=30), Point(row=60, column=50))


def test_of_two_whole_pairs_it_is_said_which_is_read_and_how_the_other_is() -> None:
    said: list[str] = []
    text = {"points.csv": b"Name,X,Y,Row,Col\na.jpg,300,400,2,3\n"}
    assert read_points("points.csv", text, None, said.append)["a.jpg"] == (Point(row=2, column=3),)
    assert said == [
        "points.csv: points are read from `Row` and `Col`, and not from `Y` and `X`, "
        "which `columns: {row: Y, column: X}` reads"
    ]
    said.clear()
    reading = Reading(columns={"row": "Y", "column": "X"})
    assert read_points("points.csv", text, reading, said.append)["a.jpg"] == (Point(row=400, column=300),)
    assert said == []


@pytest.mark.parametrize(
    ("header", "place", "said"),
    [
        ("Name,X,Y", "300,400", ["points.csv: rows are read from `Y` and columns from `X`, in pixels"]),
        ("name,x,y", "0.3,1", ["points.csv: rows are read from `y` and columns from `x`, in fractions of the sides"]),
        ("name,row,x", "3,4", ["points.csv: rows are read from `row` and columns from `x`, in pixels"]),
        ("name,row,col", "3,4", []),
        ("point.media.key,point.x,point.y", "0.3,0.4", []),
    ],
)
def test_of_places_that_are_called_x_and_y_it_is_said_as_what_they_are_read(
    header: str, place: str, said: list[str]
) -> None:
    heard: list[str] = []
    read_points("points.csv", {"points.csv": f"{header}\na.jpg,{place}\n".encode()}, None, heard.append)
    assert heard == said


def test_the_same_of_many_files_is_said_once() -> None:
    heard: list[str] = []
    files = {f"{name}.csv": f"name,x,y\n{name},3,4\n".encode() for name in "abc"}
    read_points("*.csv", files, None, heard.append)
    assert heard == ["a.csv and 2 other files: rows are read from `y` and columns from `x`, in pixels"]


def test_x_and_y_at_corners_alone_are_refused_until_somebody_names_them() -> None:
    assert complaints("name,x,y\na,0,0\na,1,1\n") == [
        "points.csv:2: `x` and `y` are 0 or 1 in every row, pixels or fractions of the sides: if they are pixels, "
        "call them `Column` and `Row`"
    ]
    reading = Reading(columns={"row": "y", "column": "x"})
    assert read_points("p.csv", {"p.csv": b"name,x,y\na,0,1\n"}, reading, pytest.fail)["a"] == (Point(1, 0),)


@pytest.mark.parametrize(("furthest", "warned"), [(100, True), (101, False), (50, False)])
def test_many_points_of_which_none_is_above_100_are_asked_whether_they_are_percent(furthest: int, warned: bool) -> None:
    said: list[str] = []
    places = [furthest - at for at in range(20)]
    text = "Name,Row,Column\n" + "".join(f"{at % 3}.jpg,{place},{place}\n" for at, place in enumerate(places))
    read_points("points.csv", {"points.csv": text.encode()}, None, said.append)
    assert said == [
        "points.csv: no row or column is above 100, so all points lie in the top left corner, for they count pixels; "
        "if they are percent, write fractions of the sides: 0.5 for 50 %"
    ] * int(warned)
    few = "Name,Row,Column\na.jpg,60,90\n"
    assert read_points("points.csv", {"points.csv": few.encode()}, None, pytest.fail)
