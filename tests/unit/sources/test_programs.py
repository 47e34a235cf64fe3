"""Points and labels as Squidle+, BIIGLE, TagLab and CPCe write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.sources import labelled_tables

from coralrun import limits
from coralrun.errors import InvalidInput
from coralrun.planning.images import Point, Size
from coralrun.planning.labelled_points import GivenBy, LabelledPoint
from coralrun.planning.points_table import in_pixels
from coralrun.sources import archive
from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.points_file import read_points
from coralrun.sources.reading import ByOption

POINTS = [(59, 79, "Sand"), (300, 479, ""), (0, 0, "Turf algae")]
SIZE = Size(labelled_tables.WIDTH, labelled_tables.HEIGHT)
TABLES = {
    "squidle.csv": labelled_tables.squidle("a.jpg", POINTS),
    "biigle.csv": labelled_tables.biigle("a.jpg", POINTS),
    "taglab.csv": labelled_tables.taglab("a.jpg", POINTS),
    "toolbox.csv": labelled_tables.toolbox("a.jpg", POINTS),
    "a.cpc": labelled_tables.cpce("a.jpg", POINTS),
}


def places(rows: tuple[LabelledPoint, ...]) -> list[Point]:
    return [place for row in rows for place in in_pixels((Point(row.row, row.column),), row.extent, SIZE) or ()]


@pytest.mark.parametrize("file", TABLES)
def test_labels_and_points_are_read_alike_whichever_program_wrote_them(file: str) -> None:
    rows = read_labelled(file, TABLES[file])
    assert [(*place, row.label_code) for place, row in zip(places(rows), rows, strict=True)] == POINTS
    assert {(row.name, row.label_id) for row in rows} == {("a.jpg", None)}
    table, _ = read_points(file, {file: TABLES[file]}).matched({"a.jpg"})
    assert in_pixels(table["a.jpg"], table.extent("a.jpg"), SIZE) == tuple(Point(y, x) for y, x, _ in POINTS)


def test_who_labelled_is_what_the_program_says_of_it() -> None:
    said = {file: {(row.given_by, row.annotator) for row in read_labelled(file, data)} for file, data in TABLES.items()}
    assert said == {
        "squidle.csv": {(GivenBy.PERSON, "anna")},
        "biigle.csv": {(GivenBy.PERSON, "Anna Lee")},
        "taglab.csv": {(GivenBy.UNSAID, "")},
        "toolbox.csv": {(GivenBy.PERSON, "")},
        "a.cpc": {(GivenBy.UNSAID, "")},
    }


def test_what_is_no_point_is_left_out_and_counted() -> None:
    said: list[str] = []
    for file in ("squidle.csv", "biigle.csv", "taglab.csv"):
        read_labelled(file, TABLES[file], ByOption(), said.append)
    assert said == [
        "squidle.csv: rows of Squidle+ that are labels of whole photos, not points, are left out: 1",
        "biigle.csv: rows of BIIGLE that are shapes, not points, are left out: 1",
        "taglab.csv: rows of TagLab that are regions, not points, are left out: 1",
    ]


@pytest.mark.parametrize("write", [labelled_tables.biigle, labelled_tables.taglab])
@pytest.mark.parametrize("read", [read_labelled, lambda file, data: read_points(file, {file: data})])
def test_a_table_of_shapes_alone_is_refused(write: Callable[..., bytes], read: Callable[[str, bytes], object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read("t.csv", write("a.jpg", []))
    assert str(caught.value).endswith("not points: 1")


def test_a_place_of_biigle_that_is_none_is_a_problem_at_its_line() -> None:
    data = TABLES["biigle.csv"].replace(b"[79.25,59.75]", b"[79.25]").replace(b"[0.25,0.75]", b"[-3,0.75]")
    with pytest.raises(InvalidInput) as caught:
        read_labelled("b.csv", data)
    assert [str(problem) for problem in caught.value.problems] == [
        "b.csv:2: the row `[79.25]` is not a whole number of pixels from 0",
        "b.csv:2: the column `[79.25]` is not a whole number of pixels from 0",
        "b.csv:4: the column `-3` is not a whole number of pixels from 0",
    ]


def test_another_column_of_labels_may_be_named() -> None:
    rows = read_labelled("b.csv", TABLES["biigle.csv"], ByOption(columns={"label": "label_hierarchy"}))
    assert rows[0].label_code == "All > Sand"


def test_a_note_of_cpce_is_a_comment_and_a_missing_label_is_a_problem() -> None:
    assert [row.comment for row in read_labelled("a.cpc", TABLES["a.cpc"])] == ["pale", "", ""]
    torn = TABLES["a.cpc"].replace(b'"3","Turf algae","Notes",""\r\n', b"")
    with pytest.raises(InvalidInput) as caught:
        read_labelled("a.cpc", torn)
    assert str(caught.value) == ("a.cpc:12: this is not a CPCe file: here should stand the label of point 3 of 3")
    assert len(read_points("a.cpc", {"a.cpc": torn})) == 1


def test_the_files_of_an_archive_are_read_each_by_its_ending() -> None:
    packed = archive.pack({"cpce/a.cpc": TABLES["a.cpc"], "b.csv": TABLES["biigle.csv"]})
    assert [(row.file, row.line, row.label_code) for row in read_labelled("both.ZIP", packed)] == [
        *(("b.csv", line, label) for line, (_, _, label) in enumerate(POINTS, start=2)),
        *(("cpce/a.cpc", line, label) for line, (_, _, label) in enumerate(POINTS, start=7)),
    ]
    at = packed.index(b"a.cpc") + 20
    for damaged in (packed[:-30], packed[:at] + b"\xff" * 30 + packed[at + 30 :], b"PK\x03\x04"):
        with pytest.raises(InvalidInput, match="the archive cannot be read"):
            read_labelled("both.zip", damaged)


def test_an_archive_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_GIVEN_BYTES", 1000)
    with pytest.raises(InvalidInput) as caught:
        read_labelled("t.zip", archive.pack({"a.csv": b"0" * 1001}))
    assert str(caught.value) == "t.zip: the archive is too large to be read: unpack it, and give its tables"


def test_the_same_files_are_the_same_archive() -> None:
    files = {"b.csv": b"b", "a.csv": b"a"}
    assert archive.pack(files) == archive.pack(dict(reversed(files.items())))
    assert archive.unpack("a.zip", archive.pack(files)) == files
