"""What a run found is read back in plan order, whole, and so far as it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.results.stories import Story, plan_of

from coralrun.errors import RunDamaged
from coralrun.machine.reasons import Reason
from coralrun.results import stored_points
from coralrun.results.stored_points import read_blocks, read_points
from coralrun.values.classified import Classification, ScoredPoint, StoredEntry


def test_succeeded_images_come_in_plan_order_with_their_points(tmp_path: Path) -> None:
    story = Story(tmp_path, 5)
    story.batch((2, 3), {3: Reason.NOT_AN_IMAGE})
    story.batch((0, 1, 4))

    read = list(read_points(plan_of(5), story.plan_state, story.blobs))

    assert [number for number, _ in read] == [0, 1, 2, 4]
    assert [(point.row, point.column) for point in read[2][1]] == [(2, 0), (2, 1)]
    assert [found.label_code for found in read[0][1][0].classifications] == ["L1", "L2", "L3", "L4", "L5"]


def test_an_unfinished_run_gives_what_is_there(tmp_path: Path) -> None:
    story = Story(tmp_path, 5)
    story.batch((3, 4))

    assert [number for number, _ in read_points(plan_of(5), story.plan_state, story.blobs)] == [3, 4]


def test_an_image_with_another_number_of_points_than_planned_is_damage(tmp_path: Path) -> None:
    story = Story(tmp_path, 1)
    story.batch((0,))

    with pytest.raises(RunDamaged, match="coralnet:1/0 has 2 predictions instead of 3"):
        list(read_points(plan_of(1, points=3), story.plan_state, story.blobs))


def test_labels_stand_in_the_order_in_which_the_plan_meets_them(tmp_path: Path) -> None:
    story = Story(tmp_path, 3)
    for image, codes in ((1, "AB"), (2, "CA"), (0, "BC")):
        points = (ScoredPoint(0, 0, tuple(Classification(0.5, None, code, code) for code in codes)),)
        story.told((image,), [StoredEntry(image, "m", points)])

    blocks = list(read_blocks(plan_of(3, points=1), story.plan_state, story.blobs))

    assert [label.code for label in blocks[-1].labels] == ["B", "C", "A"]
    assert [block.places[0].tolist() for block in blocks] == [[0, 2, 1]]


def test_an_image_that_was_tried_again_stands_in_its_place(tmp_path: Path) -> None:
    story = Story(tmp_path, 4)
    story.batch((0, 1, 2), {1: Reason.HOST_ERROR}, again=True)
    story.batch((1, 3))

    (block,) = read_blocks(plan_of(4), story.plan_state, story.blobs)

    assert (block.images.tolist(), block.rows.tolist()) == ([0, 1, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3])


def test_those_images_alone_are_read_that_are_wanted(tmp_path: Path) -> None:
    story = Story(tmp_path, 4)
    story.batch((0, 1))
    story.batch((2, 3))
    story.blobs.layout.segment(1, 1).unlink()
    story.blobs.layout.blob(1, 1).unlink()

    assert [image for image, _ in read_points(plan_of(4), story.plan_state, story.blobs, {2})] == [2]


@pytest.mark.parametrize("limit", ["_BLOCK_POINTS", "_BLOCK_IMAGES", "_SEGMENTS_HELD"])
def test_points_are_the_same_however_many_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    story = Story(tmp_path, 7)
    story.batch((0, 1, 2, 3), {1: Reason.HOST_ERROR, 2: Reason.HOST_ERROR}, again=True)
    story.batch((4, 5, 2))
    story.batch((6, 1))
    whole = list(read_points(plan_of(7), story.plan_state, story.blobs))

    monkeypatch.setattr(stored_points, limit, 1)

    assert list(read_points(plan_of(7), story.plan_state, story.blobs)) == whole
