"""What people may be asked next follows from what was drawn and handed in, and from how the run is laid out."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, replanned, sure

from coralrun.accuracy.corrected_warnings import of_reviews
from coralrun.app.answers.kept_reviews import load
from coralrun.app.reviewing import review
from coralrun.app.reviewing.review_import import take
from coralrun.app.run.next_review import LabelsThere, NextReview, Review, next_review
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.planning.model import Analysis, Classifier, Trained
from coralrun.review import reviewed
from coralrun.review.drawing import SampleRequest
from coralrun.spec.model import Design

CLOCK = SystemClock()


def reef(folder: Path, photos_each: int = 2, classifier: Classifier | None = None) -> OpenRun:
    """A reef of two zones with three sites each."""
    sites = [(zone, f"{zone} {n}") for zone in ("deep", "flat") for n in range(3)]
    photos = [
        Photo(f"{site} {n}.jpg", sure(["Sand"]), (zone, site)) for zone, site in sites for n in range(photos_each)
    ]
    design = Design(unit="site", strata_field="zone")
    return finished_run(
        folder, photos, fields=("zone", "site"), analysis=Analysis(design=design), classifier=classifier
    )


def now(run: OpenRun) -> NextReview:
    return next_review(run.layout, run.disk, run.state.plan)


def test_a_run_is_reviewed_then_handed_in_then_judged(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    assert now(run) == NextReview(Review.NOT_DRAWN, 50)
    file = tmp_path / "filled.csv"
    for seed in (0, 1):
        file.write_bytes(
            review.draw(run, SampleRequest(sample="2", seed=seed), CLOCK).table.replace(b",,,,,", b",Sand,,,,")
        )
        assert now(run).review is Review.HANDED_OUT
        take(run, file, CLOCK)
        assert now(run).review is Review.TAKEN_BACK


def test_a_review_whose_points_are_gone_is_not_asked_for(tmp_path: Path) -> None:
    photos = {number: Photo(f"{number}.jpg", sure(["Sand"]), id=number + 1) for number in range(4)}
    run = finished_run(tmp_path / "run", list(photos.values()))
    file = tmp_path / "filled.csv"
    file.write_bytes(
        review.draw(run, SampleRequest(sample="2", blind=True), CLOCK).table.replace(b",,,,,", b",Sand,,,,")
    )
    some = replanned(run, {0: photos[0], 2: photos[2], 4: Photo("new.jpg", sure(["Sand"]), id=9)})
    assert now(some) == NextReview(Review.HANDED_OUT)
    another = replanned(some, {number + 5: photo for number, photo in photos.items()}, classifier=Classifier(id="2"))
    assert now(another) == NextReview(Review.HANDED_OUT)
    anew = {number + 9: photo for number, photo in photos.items()}
    laid_anew = replanned(another, anew, classifier=Classifier(id="1", source=1, accuracy=80))
    assert now(laid_anew) == NextReview(Review.NOT_DRAWN, seed=1, outdated=1, blind=True)
    review.draw(laid_anew, SampleRequest(sample="1", seed=1), CLOCK)
    assert now(replanned(laid_anew, photos)) == NextReview(Review.HANDED_OUT), "the first is worth its labels again"


@pytest.mark.parametrize(
    ("source", "annotators", "day", "there"),
    [
        (7, ["robot", "ann"], "", LabelsThere.JUDGING),
        (8, ["Imported"], "", LabelsThere.JUDGING),
        (7, ["robot", "Alleviate", ""], "", LabelsThere.NONE),
        (3, ["robot"], "2026-06-30T12:00:00Z", LabelsThere.NONE),
        (3, ["robot", "ann"], "2026-06-30T12:00:00Z", LabelsThere.JUDGING),  # the classifier's own, later
        (3, ["ann"], "2026-05-01T12:00:00Z", LabelsThere.IN_SAMPLE),
        (3, ["ann"], "", LabelsThere.IN_SAMPLE),
    ],
)
def test_points_that_people_labelled_in_their_source_can_judge_at_once(
    tmp_path: Path, source: int, annotators: list[str], day: str, there: LabelsThere
) -> None:
    run = reef(tmp_path / "run", classifier=Classifier(id="1", source=3, date="June 1, 2026"))
    rows = [f"a.jpg,1,1,Sand,{name},{day}\n" for name in annotators]
    export = "".join(["Name,Row,Column,Label,Annotator,Date annotated\n", *rows])
    run.disk.replace(run.folder.inputs / f"annotations-{source}.csv", export.encode())
    assert now(run) == NextReview(Review.NOT_DRAWN, 50, 0, there)


def test_of_an_audit_that_is_labelled_in_part_the_rest_is_asked_for(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    table = review.draw(run, SampleRequest(sample="2"), CLOCK, file=lambda number: f"{number}.csv").table
    copytree(run.layout.plan(1).header.parent, run.layout.plan(2).header.parent)
    file, rest = tmp_path / "filled.csv", NextReview(Review.IN_PART, file="1.csv")
    for labelled, expected in ((1, rest), (2, NextReview(Review.TAKEN_BACK))):
        file.write_bytes(table.replace(b",,,,,", b",Sand,,,,", labelled))
        take(run, file, CLOCK)
        warnings = "; ".join(of_reviews(load(run)))
        (run.layout.outputs / "cover_corrected.csv").write_text(f"cover_corrected,warning\n40.1,{warnings}\n")
        for plan in (1, 2):
            assert next_review(run.layout, run.disk, plan) == expected


@pytest.mark.parametrize(
    ("figures", "plan", "expected"),
    [
        ("40.1\n0.0\n", 1, NextReview(Review.TAKEN_BACK)),
        ("40.1\n0.0\n", 2, NextReview(Review.TAKEN_BACK)),
        ('""\n""\n', 1, NextReview(Review.NOT_DRAWN, 50, 4)),
        ('""\n""\n', 2, NextReview(Review.NOT_DRAWN, 50, 4)),
    ],
)
def test_an_audit_does_for_a_changed_run_where_it_corrects_the_cover(
    tmp_path: Path, figures: str, plan: int, expected: NextReview
) -> None:
    run = reef(tmp_path / "run")
    table = review.draw(run, SampleRequest(sample="2", seed=3), CLOCK).table
    file = tmp_path / "filled.csv"
    file.write_bytes(table.replace(b",,,,,", b",Sand,,,,"))
    take(run, file, CLOCK)
    (run.layout.outputs / "cover_corrected.csv").write_text(f"cover_corrected\n{figures}")
    copytree(run.layout.plan(1).header.parent, run.layout.plan(2).header.parent)
    assert next_review(run.layout, run.disk, plan) == expected


@pytest.mark.parametrize(("learnt", "expected"), [(12, Review.IN_SAMPLE), (11, Review.TAKEN_BACK)])
def test_a_classifier_that_learnt_from_all_photos_is_judged_in_sample(
    tmp_path: Path, learnt: int, expected: Review
) -> None:
    trained = Trained(sites=(), examples={}, photos=tuple(f"{number:064x}" for number in range(learnt)))
    run = reef(tmp_path / "run", classifier=Classifier(id="reef", trained=trained))
    file = tmp_path / "filled.csv"
    file.write_bytes(review.draw(run, SampleRequest(sample="2"), CLOCK).table.replace(b",,,,,", b",Sand,,,,"))
    take(run, file, CLOCK)
    assert now(run).review is expected


@pytest.mark.parametrize(
    ("own", "export", "expected"),
    [
        (2, "", Review.UNDATED),
        (3, "", Review.TAKEN_BACK),
        (2, "plans/001/inputs/annotations-2.csv", Review.TAKEN_BACK),
        (2, "../run-labels-2.csv", Review.TAKEN_BACK),
        (2, "../run-labels-22.csv", Review.UNDATED),
    ],
)
def test_the_classifiers_own_source_is_asked_when_photos_were_annotated(
    tmp_path: Path, own: int, export: str, expected: Review
) -> None:
    run = reef(tmp_path / "run", classifier=Classifier(id="1", source=own))
    if export:
        run.disk.replace(run.layout.root / export, b"Name,Row,Column,Label\n")
    file = tmp_path / "filled.csv"
    file.write_bytes(review.draw(run, SampleRequest(sample="2"), CLOCK).table.replace(b",,,,,", b",Sand,,,,"))
    take(run, file, CLOCK)
    (run.layout.outputs / "reviewed.csv").write_bytes(b"".join(reviewed.table(run.plan, load(run))))
    assert now(run).review is expected


@pytest.mark.parametrize(
    "cover", ["", "stratum;units\n;3\n", "stratum,grouping,group,units,images_used\n,label,Sand,,\n"]
)
def test_a_table_of_cover_that_somebody_saved_otherwise_does_no_harm(tmp_path: Path, cover: str) -> None:
    run = reef(tmp_path / "run")
    (run.layout.outputs / "cover.csv").write_text(cover)
    assert now(run) == NextReview(Review.NOT_DRAWN, 5)
