"""Whoever changes a survey under a review is told what of it goes, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from msgspec import structs
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.applying.reviews_changed import review_lines
from coralrun.app.reviewing import review
from coralrun.app.reviewing.review_import import take
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.planning.model import Classifier, Plan
from coralrun.review.drawing import SampleRequest

CLOCK = SystemClock()
PHOTOS = [Photo(f"{name}.jpg", sure("AB")) for name in "abc"]


def without_first(run: OpenRun) -> Plan:
    return replace(run.plan, images=run.plan.images[1:])


def test_points_of_a_review_that_go_are_counted(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    assert list(review_lines(run, without_first(run))) == []
    table = review.draw(run, SampleRequest(sample="100%"), CLOCK).table
    assert list(review_lines(run, without_first(run))) == [
        "  review 1 is handed out: 2 of its 6 points go, and labels of them will correct nothing"
    ]
    moved = structs.replace(run.plan.images[1], image_id=99)
    both = replace(run.plan, images=(moved, run.plan.images[2]))
    (line,) = review_lines(run, both)
    assert "4 of its 6 points go" in line
    file = tmp_path / "filled.csv"
    file.write_bytes(table.replace(b",,,,,", b",A,,,,"))
    take(run, file, CLOCK)
    assert list(review_lines(run, both)) == [
        "  4 reviewed points count no longer; they count again with the old images and points"
    ]


def test_another_classifier_leaves_the_points_of_a_review(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS)
    review.draw(run, SampleRequest(sample="100%"), CLOCK)
    assert list(review_lines(run, replace(run.plan, classifier=Classifier(id="2", source=1)))) == []
