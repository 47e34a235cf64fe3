"""What a run found is read back in plan order, whole, and so far as it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.results.stories import Story, plan_of

from coralrun.errors import RunDamaged
from coralrun.machine.reasons import Reason
from coralrun.results.readout import read_points


def test_succeeded_images_come_in_plan_order_with_their_points(tmp_path: Path) -> None:
    story = Story(tmp_path, 5)
    story.batch((2, 3), {3: Reason.NOT_AN_IMAGE})
    story.batch((0, 1, 4))

    read = list(read_points(plan_of(5), story.state, story.blobs))

    assert [number for number, _ in read] == [0, 1, 2, 4]
    assert [(point.row, point.column) for point in read[2][1]] == [(2, 0), (2, 1)]
    assert [found.label_code for found in read[0][1][0].classifications] == ["L1", "L2", "L3", "L4", "L5"]


def test_an_unfinished_run_gives_what_is_there(tmp_path: Path) -> None:
    story = Story(tmp_path, 5)
    story.batch((3, 4))

    assert [number for number, _ in read_points(plan_of(5), story.state, story.blobs)] == [3, 4]


def test_an_image_with_another_number_of_points_than_planned_is_damage(tmp_path: Path) -> None:
    story = Story(tmp_path, 1)
    story.batch((0,))

    with pytest.raises(RunDamaged, match="coralnet:1/0 has 2 predictions instead of 3"):
        list(read_points(plan_of(1, points=3), story.state, story.blobs))
