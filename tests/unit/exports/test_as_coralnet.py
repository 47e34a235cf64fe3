"""The exports that are like CoralNet's own, in what its server was seen to write (protocol 11 and its corrections)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.unit.exports.runs import real_run, text

from coralrun.exports import coralnet_annotations, percent_covers
from coralrun.exports.model import ExportOptions, Results

SCORES = ((5, 0.2049), (4, 0.2031), (3, 0.2012), (2, 0.1958), (1, 0.1951))
"""Tied in whole percent, and not in truth; the least label has the highest number."""

NAMES = ("z.jpg", "m.jpg", "a.jpg")
"""In the order of the images' ids."""


@pytest.fixture
def results(tmp_path: Path) -> Results:
    found = [{"score": score, "label_id": n, "label_code": f"L{n}", "label_name": f"Label {n}"} for n, score in SCORES]
    points = [{"row": row, "column": 2, "classifications": found} for row in (1, 0)]
    urls = [f"https://example.org/{name}?x=1#coralrun=r.1.1.{number}" for number, name in enumerate(NAMES)]
    data = [{"type": "image", "id": url, "attributes": {"url": url, "points": points}} for url in urls]
    return real_run(tmp_path, json.dumps({"data": data}).encode())


def rows(table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table, newline="")))


@pytest.mark.parametrize("wanted", [coralnet_annotations, percent_covers])
def test_lines_end_with_a_line_feed_alone_and_images_go_by_their_ids(results: Results, wanted: object) -> None:
    made = text(wanted.make(results, ExportOptions()))  # type: ignore[attr-defined]
    assert made.endswith("\n")
    assert "\r" not in made
    header, *lines = rows(made)
    names = [line[header.index("Name" if "Name" in header else "Image name")] for line in lines]
    assert list(dict.fromkeys(filter(None, names))) == list(NAMES)


def test_suggestions_tied_in_whole_percent_keep_the_order_of_their_scores(results: Results) -> None:
    header, *lines = rows(text(coralnet_annotations.make(results, ExportOptions())))
    first = header.index("Machine suggestion 1")
    assert [line[first:] for line in lines] == [["L5", "20", "L4", "20", "L3", "20", "L2", "20", "L1", "20"]] * 6


def test_points_of_an_image_keep_their_order(results: Results) -> None:
    header, *lines = rows(text(coralnet_annotations.make(results, ExportOptions())))
    assert [line[header.index("Row")] for line in lines] == ["1", "0"] * 3
