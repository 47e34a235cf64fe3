"""Labelled points as people have them: their usual headings, rows without a label, and every problem at once."""

from __future__ import annotations

import pytest

from coralrun.errors import InvalidInput
from coralrun.sources.archive import pack
from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.reading import ByOption


def test_coralnets_annotation_export_is_read_by_its_own_headings() -> None:
    data = (
        b"Name,Date,Row,Column,Label code,Label ID,Annotator,Date annotated,Machine suggestion 1\n"
        b"a.jpg,2020-01-01,3,4,Porit,59,anna,2021-02-03 04:05:06+00:00,Sand\n"
    )
    (point,) = read_labelled("annotations.csv", data)
    assert (point.line, point.name, point.row, point.column) == (2, "a.jpg", 3, 4)
    assert (point.label_code, point.label_id, point.annotator) == ("Porit", 59, "anna")
    assert point.date == "2021-02-03 04:05:06+00:00"


def test_a_row_without_a_label_is_a_point_that_nobody_has_looked_at() -> None:
    points = read_labelled("review.csv", b"name,row,column,label_code\na.jpg,1,2,\na.jpg,1,3,Sand\n")
    assert [point.is_labelled for point in points] == [False, True]


def test_what_a_run_writes_of_a_review_has_peoples_labels() -> None:
    data = (
        b"set,inclusion_probability,name,row,column,machine_label_id,machine_label_code,human_label_id,human_label_code\n"
        b"audit,0.25,a.jpg,3,4,1,Sand,59,Porit\n"
    )
    (point,) = read_labelled("reviewed.csv", data)
    assert (point.label_code, point.label_id, point.set, point.inclusion) == ("Porit", 59, "audit", 0.25)


@pytest.mark.parametrize("cell", ["", "0", "1.5", "0#2", "nan"])
def test_a_probability_that_is_none_is_as_if_it_were_not_there(cell: str) -> None:
    data = f"name,row,column,label,inclusion_probability\na.jpg,1,2,Sand,{cell}\n".encode()
    assert [point.inclusion for point in read_labelled("review.csv", data)] == [None]


@pytest.mark.parametrize("cell", ["NA", "NaN", "None", "-"])
def test_a_number_that_is_not_known_is_none_and_a_label_of_that_name_is_a_label(cell: str) -> None:
    data = f"name,row,column,label,label_id,point\na.jpg,1,2,{cell},{cell},{cell}\n".encode()
    (point,) = read_labelled("review.csv", data)
    assert (point.label_code, point.label_id, point.point) == (cell, None, None)
    with pytest.raises(InvalidInput) as caught:
        read_labelled("review.csv", data.replace(b",1,", f",{cell},".encode()))
    assert str(caught.value) == f"review.csv:2: the row `{cell}` is not a whole number of pixels from 0"


def test_what_r_writes_for_an_empty_cell_says_nothing_but_as_a_label() -> None:
    data = b"name,row,column,label,source,set,review_id,annotator,date,comment\n" + b"a.jpg,1,2,NA" + b",NA" * 6
    (point,) = read_labelled("review.csv", data)
    assert point.label_code == "NA"
    assert {point.source, point.set, point.review_id, point.annotator, point.date, point.comment} == {""}


def test_places_may_be_called_x_and_y_and_a_heading_may_be_named() -> None:
    (point,) = read_labelled("truth.csv", b"image,X,Y,label\na.jpg,4,3,Sand\n")
    assert (point.row, point.column) == (3, 4)
    with pytest.raises(InvalidInput) as caught:
        read_labelled("truth.csv", b"Foto,Row,Column,Label\n")
    assert str(caught.value) == (
        "truth.csv:1: there is no column `Name`: the header needs Name, Row, Column; it has Foto, Row, Column, Label; "
        "a column of another name is named by `--columns name=...`; "
        "the table of one image is called after it: `reef1.jpg.csv`"
    )
    (point,) = read_labelled("truth.csv", b"Foto,Row,Column,Label\na.jpg,3,4,Sand", ByOption(columns={"name": "foto"}))
    assert point.name == "a.jpg"


def test_all_columns_that_are_lacking_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_labelled("truth.csv", b"Bild;Zeile;Spalte;Taxon\n")
    assert str(caught.value).splitlines() == [
        "truth.csv:1: there is no column `Name` and no column `Row` and no column `Column`: the header needs Name, "
        "Row, Column; it has Bild, Zeile, Spalte, Taxon; a column of another name is named by `--columns name=...` "
        "`--columns row=...` `--columns column=...`; the table of one image is called after it: `reef1.jpg.csv`",
        "truth.csv:1: there is no column of labels: name it `label_code` or `label_id`; a column of another name is "
        "named by `--columns label=...`",
    ]


def test_of_several_files_a_heading_may_be_that_of_some_but_not_of_none() -> None:
    own = b"Foto,x,y,Taxon\na.jpg,4,3,Sand\n"
    review = b"name,row,column,label_code\nb.jpg,5,6,Turf\n"
    both = pack({"own.csv": own, "review.csv": review})
    read = read_labelled("labels.zip", both, ByOption(columns={"name": "Foto", "label": "Taxon"}))
    assert [(one.name, one.row, one.column, one.label_code) for one in read] == [
        ("a.jpg", 3, 4, "Sand"),
        ("b.jpg", 5, 6, "Turf"),
    ]
    with pytest.raises(InvalidInput) as caught:
        read_labelled("labels.zip", both, ByOption(columns={"name": "Fotto", "label": "Taxon"}))
    assert str(caught.value).splitlines() == [
        "own.csv:1: there is no column `Fotto`, which `--columns` names: it has Foto, x, y, Taxon",
        "review.csv:1: there is no column `Fotto`, which `--columns` names: it has name, row, column, label_code",
    ]


def test_every_problem_is_told_at_its_line() -> None:
    data = b"name,row,column,label_id\n,1,2,3\na.jpg,x,-2,3\na.jpg,1,2,Sand\n"
    with pytest.raises(InvalidInput) as caught:
        read_labelled("review.csv", data)
    assert [str(problem) for problem in caught.value.problems] == [
        "review.csv:2: there is no image name",
        "review.csv:3: the row `x` is not a whole number of pixels from 0",
        "review.csv:3: the column `-2` is not a whole number of pixels from 0",
        "review.csv:4: the label id `Sand` is not a whole number from 0",
    ]


def test_a_row_that_numbers_the_lines_of_labels_is_no_place_where_x_and_y_are_there() -> None:
    (point,) = read_labelled("truth.csv", b"Row,Name,X,Y,Label\n1,a.jpg,30,40,Sand\n")
    assert (point.row, point.column) == (40, 30)
