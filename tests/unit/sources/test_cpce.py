"""The files of CPCe, as that program on Windows writes them."""

from __future__ import annotations

import pytest

from coralrun.errors import InvalidInput
from coralrun.planning.images import Extent, Point
from coralrun.sources.points_file import read_points

CORNERS = ["0,14985", "29985,14985.5", "29985,0", "0,0.1234"]


def cpc(*lines: str, image: str = r"D:\Site A\T1\reef 01.JPG", size: str = "30000,15000", count: str = "2") -> bytes:
    points = lines or ("150, 300", "29985,0")
    labels = ['"1","Porites","Notes",""'] * len(points) + ['""'] * 28
    first = rf'"C:\CPCe\codes.txt","{image}",{size},14400,10800'
    return "\r\n".join([first, *CORNERS, count, *points, *labels, ""]).encode("cp1252")


def complaint(data: bytes) -> str:
    with pytest.raises(InvalidInput) as problem:
        read_points("a.cpc", {"a.cpc": data})
    return str(problem.value)


def test_a_file_gives_the_image_whatever_its_folders_and_the_points_in_their_units() -> None:
    table, match = read_points("a.cpc", {"a.cpc": cpc()}).matched({"reef 01.JPG", "b.jpg"})
    assert (match.by_case, match.by_look) == ({}, {})
    assert dict(table) == {"reef 01.JPG": (Point(row=300, column=150), Point(row=0, column=29985))}
    assert table.extent("reef 01.JPG") == Extent(30000, 15000, whole_parts=True)
    assert [table.line("reef 01.JPG", index) for index in range(2)] == [7, 8]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "a.cpc: this is not a CPCe file: here should stand two paths and four sizes"),
        (b"Name,Row,Column\n", "a.cpc:1: this is not a CPCe file: here should stand two paths and four sizes"),
        (cpc(size="0,15000"), "a.cpc:1: the first line gives no image, or no width and height of it"),
        (cpc(image=""), "a.cpc:1: the first line gives no image, or no width and height of it"),
        (cpc(count="x"), "a.cpc:6: the number of points is not a whole number from 1"),
        (cpc(count="999999999"), "a.cpc:6: the number of points is not a whole number from 1"),
        (cpc("1,2"), "a.cpc:8: this is not a CPCe file: here should stand the position of point 2 of 2"),
        (cpc("1,2", "-1,7"), "a.cpc:8: point 2 is not at whole units from 0: -1,7"),
        (cpc("1,2", "30001,7"), "a.cpc:8: point 2 lies outside the image: 30001,7 of 30000,15000"),
        (
            '"é'.encode("cp1252"),
            "a.cpc:1: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); it "
            "looks like windows-1252, which `encoding: windows-1252` beside the table's path in the survey reads",
        ),
    ],
)
def test_what_is_not_such_a_file_is_refused_at_its_line(data: bytes, said: str) -> None:
    assert complaint(data) == said
