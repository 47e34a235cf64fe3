"""A table of points is confirmed only if CoralNet previews it as it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from coralrun.coralnet.codec.points_table import Previewed, check_preview, encode, previewed, read_shown
from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.values.annotated import AnnotatedPoint

POINTS = {"a": [AnnotatedPoint(1, 2, "Sand", True), AnnotatedPoint(3, 4)]}
SHOWN = {"a": [AnnotatedPoint(9, 9, "Rock", True)]}
LINE = {"name": "a", "link": "/image/7/annotation/tool/", "deleteInfo": "Will delete 1 existing annotations"}
DETAILS = {"numImages": 1, "totalPoints": 2, "totalAnnotations": 1, "numImagesWithExistingAnnotations": 1}
GOOD = {"previewTable": [LINE], "previewDetails": DETAILS}


def test_a_table_has_labels_where_some_are_given() -> None:
    assert encode(POINTS) == b"Name,Row,Column,Label code\r\na,1,2,Sand\r\na,3,4,"
    assert encode({"a,b": [AnnotatedPoint(3, 4)]}) == b'Name,Row,Column\r\n"a,b",3,4'


def test_a_preview_of_what_was_sent_is_one() -> None:
    check_preview(GOOD, POINTS, {"a": 7}, SHOWN)


@pytest.mark.parametrize(
    ("line", "details", "why"),
    [
        ({"name": "b"}, {}, "other photos than were sent"),
        ({"link": "/image/8/annotation/tool/"}, {}, "other photos than were sent"),
        ({"link": ""}, {}, "other photos than were sent"),
        ({"deleteInfo": ""}, {}, "people have annotated other photos"),
        ({}, {"totalPoints": 3}, "counts other points or labels"),
        ({}, {"totalAnnotations": 2}, "counts other points or labels"),
    ],
)
def test_a_preview_of_something_else_is_never_confirmed(
    line: dict[str, Any], details: dict[str, Any], why: str
) -> None:
    shown = {"previewTable": [LINE | line], "previewDetails": DETAILS | details}
    with pytest.raises(TableRefused, match=why):
        check_preview(shown, POINTS, {"a": 7}, SHOWN)


def test_answers_of_another_form_are_not_understood() -> None:
    for table in ({}, {"previewTable": ["a"]}):
        with pytest.raises(NotUnderstood):
            check_preview(table, POINTS, {"a": 7}, SHOWN)
        with pytest.raises(NotUnderstood):
            previewed(table)
    for text in (b"\xff", b"Name,Row\na,1\n", b"Name,Row,Column,Label code,Annotator\na,1,x,b,c\n"):
        with pytest.raises(NotUnderstood):
            read_shown(text)


@pytest.mark.parametrize("makes", ["Will create 5 points, 1 annotations", "5 points", None])
def test_a_preview_that_makes_labels_is_none_of_points_alone(makes: str | None) -> None:
    line = {**LINE, "createInfo": "Will create 5 points, 0 annotations"}
    assert previewed({"previewTable": [line]}) == {"a": Previewed(7, 5, deletes=True)}
    with pytest.raises(NotUnderstood):
        previewed({"previewTable": [{**line, "createInfo": makes}]})
