"""Whoever changes a survey under a review is told what of it goes, before anything is sent."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from tests.unit.results.finished_runs import Photo, finished_run, replanned, sure

from coralrun.app.applying.reviews_changed import review_lines
from coralrun.app.beforehand.so_far import history
from coralrun.app.reviewing import review
from coralrun.app.reviewing.review_import import take
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.machine.reconcile import KnownPlan, reconcile
from coralrun.machine.units import PlanUnits
from coralrun.planning.model import Classifier, Plan
from coralrun.review.drawing import SampleRequest

CLOCK = SystemClock()
PHOTOS = [Photo(f"{name}.jpg", sure("AB")) for name in "abc"]


def lines(run: OpenRun, plan: Plan) -> list[str]:
    """What is told before a plan is brought into force."""
    difference = reconcile(history(run), run.state, plan)
    return list(review_lines(run, KnownPlan(plan, PlanUnits(difference.units))))


def without_first(run: OpenRun) -> Plan:
    return replace(run.plan, images=run.plan.images[1:])


def labelled(table: bytes) -> bytes:
    """A table that was handed out, with a label on each row, of the triage too."""
    return re.sub(rb",,,,,(?=[AB],)", b",A,,,,", table)


def test_points_of_a_review_that_go_are_counted(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    assert lines(run, without_first(run)) == []
    table = review.draw(run, SampleRequest(sample="100%"), CLOCK).table
    assert lines(run, without_first(run)) == [
        "  review 1 is handed out: 2 of its 6 points go, and labels of them will correct nothing"
    ]
    moved = structs.replace(run.plan.images[1], image_id=99)
    both = replace(run.plan, images=(moved, run.plan.images[2]))
    (line,) = lines(run, both)
    assert "4 of its 6 points go" in line
    file = tmp_path / "filled.csv"
    file.write_bytes(table.replace(b",,,,,", b",A,,,,"))
    take(run, file, CLOCK)
    assert lines(run, both) == ["  4 reviewed points count no longer; they count again with the old images and points"]


def test_points_that_come_back_count_again(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    whole, file = run.plan, tmp_path / "filled.csv"
    file.write_bytes(review.draw(run, SampleRequest(sample="100%"), CLOCK).table.replace(b",,,,,", b",A,,,,"))
    take(run, file, CLOCK)
    run = replanned(run, dict(enumerate(PHOTOS[1:], start=1)))
    assert lines(run, run.plan) == []
    assert lines(run, whole) == ["  2 reviewed points count again, as before"]


def test_of_a_review_that_has_lost_points_already_more_alone_are_told(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    whole = run.plan
    review.draw(run, SampleRequest(sample="100%"), CLOCK)
    run = replanned(run, dict(enumerate(PHOTOS[1:], start=1)))
    assert lines(run, whole) == lines(run, run.plan) == []
    assert lines(run, without_first(run)) == [
        "  review 1 is handed out: 4 of its 6 points go, and labels of them will correct nothing"
    ]


def test_a_review_is_told_beside_labels_of_an_earlier_one_whose_points_it_has_too(tmp_path: Path) -> None:
    run, file = finished_run(tmp_path / "reef", PHOTOS), tmp_path / "filled.csv"
    first = review.draw(run, SampleRequest(sample="1"), CLOCK)
    file.write_bytes(labelled(first.table))
    take(run, file, CLOCK)
    second = review.draw(run, SampleRequest(sample="100%", seed=1), CLOCK)
    points = [{(point.image, point.point) for point in drawn.drawn} for drawn in (first, second)]
    assert points[0] & points[1]
    all_of_it = f"{len(points[1])} of its {len(points[1])} points"
    told = f"  review 2 is handed out: {all_of_it} go, and labels of them will correct nothing"
    moved = replace(run.plan, images=tuple(structs.replace(image, image_id=99) for image in run.plan.images))
    assert lines(run, moved)[0] == told
    file.write_bytes(labelled(second.table))
    take(run, file, CLOCK)
    assert not any("handed out" in line for line in lines(run, moved))


def test_another_classifier_leaves_the_points_of_a_review(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    review.draw(run, SampleRequest(sample="100%"), CLOCK)
    assert lines(run, replace(run.plan, classifier=Classifier(id="2", source=1))) == []
