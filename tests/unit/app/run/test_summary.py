"""How a run stands, told in lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coralrun.app.run.next_review import LabelsThere, Review
from coralrun.app.run.standing import Standing
from coralrun.app.run.status import Summary
from coralrun.app.run.summary import summary_lines
from coralrun.planning.model import NO_CLASSIFIER
from coralrun.results.tables import Account

SUMMARY = Summary(
    run_dir="runs/reef",
    name="reef",
    service="https://coralnet.ucsd.edu",
    account="alice",
    classifier="41004",
    standing=Standing.STOPPED,
    paused_why="",
    paused_detail="",
    images=10,
    succeeded=4,
    failed=1,
    skipped=0,
    points=Account(points=100, predicted=40, failed=10, skipped=0),
    jobs_active=("7", "8"),
    images_active=5,
    jobs_done=2,
    jobs_given_up=0,
    possible_duplicates=0,
    sessions=1,
    reasons=(("the image is not there", 1),),
    retriable=1,
    mendable=0,
    planned_anew=0,
    survey_file="reef.yaml",
    files=(),
)


def test_a_run_that_goes_on_says_what_is_left_and_how_to_go_on() -> None:
    assert list(summary_lines(SUMMARY)) == [
        "reef: stopped",
        "  images  10 = 4 succeeded + 1 failed + 0 skipped + 5 to do",
        "  points  100 in = 40 predicted + 10 failed + 0 skipped + 50 to do",
        "  jobs    2 done, 2 active (7, 8), of 5 images",
        "  1 x the image is not there",
        "  files   runs/reef",
        "  go on with: coralrun resume runs/reef",
    ]


def test_images_that_jobs_have_done_are_told_of_those_to_do() -> None:
    lines = list(summary_lines(replace(SUMMARY, done_in_jobs=3)))
    to_do = "5 to do, of which 3 are done already, in jobs that are not over"
    assert lines[1] == f"  images  10 = 4 succeeded + 1 failed + 0 skipped + {to_do}"


def test_a_finished_run_says_which_failures_another_try_may_help() -> None:
    assert ends(standing=Standing.FINISHED)[-4:] == [
        "  1 image may succeed on another try",
        "  next    coralrun apply reef.yaml --retry-failed",
        "          coralrun report runs/reef --open",
        "          coralrun review runs/reef --sample 5% --to html",
    ]
    lines = ends(standing=Standing.FINISHED, classifier=NO_CLASSIFIER)
    assert lines[-1] == "  1 image may succeed on another try: call coralrun upload again"


def test_a_finished_run_offers_what_follows_on_how_far_its_review_has_come() -> None:
    finished = {"standing": Standing.FINISHED, "failed": 0, "retriable": 0}
    assert ends(**finished, review_share=30)[-1] == "          coralrun review runs/reef --sample 30% --to html"
    for there, learnt in ((LabelsThere.JUDGING, ""), (LabelsThere.IN_SAMPLE, " --allow-in-sample")):
        assert ends(**finished, labels_there=there)[-2:] == [
            f"          coralrun accuracy runs/reef --from-source{learnt}",
            "          coralrun review runs/reef --sample 5% --to html",
        ]
    assert ends(**finished, succeeded=0)[-1] == "  next    coralrun report runs/reef --open", "nothing to review"
    assert ends(**finished, review_seed=2)[-1] == "          coralrun review runs/reef --sample 5% --seed 2 --to html"
    assert ends(**finished, review_seed=2, review_blind=True)[-1].endswith(" --seed 2 --blind --to html")
    assert ends(**finished, review_seed=2, review_images=7, not_corrected="2 units without")[-3:] == [
        "  cover   not corrected by what people labelled: 2 units without",
        "  next    coralrun report runs/reef --open",
        "          coralrun review runs/reef --sample 7 --seed 2 --to html",
    ]
    assert ends(**finished, review=Review.HANDED_OUT)[-1] == "          coralrun review import runs/reef FILE"
    assert ends(**finished, review=Review.TAKEN_BACK)[-1] == "          coralrun accuracy runs/reef"
    assert ends(**finished, review=Review.UNDATED)[-1] == "          coralrun accuracy runs/reef --from-source"
    assert ends(**finished, review=Review.IN_SAMPLE)[-1] == "          coralrun accuracy runs/reef --allow-in-sample"
    handed = ends(**finished, review=Review.HANDED_OUT, review_file="reef-review.csv")
    assert handed[-1] == "          coralrun review import runs/reef reef-review.csv"
    assert ends(**finished, review=Review.IN_PART)[-1] == "          coralrun review import runs/reef FILE"


def test_a_finished_run_names_the_whole_survey_where_a_try_out_left_images() -> None:
    whole = {"standing": Standing.FINISHED, "failed": 0, "retriable": 0}
    assert ends(**whole)[-2] == "  next    coralrun report runs/reef --open"
    lines = ends(**whole, left_for_later=55, planned_directory="runs/reef")
    assert lines[-4:-2] == [
        "  55 images of the survey left for later by --limit",
        "  next    coralrun apply reef.yaml",
    ]
    lines = ends(standing=Standing.FINISHED, left_for_later=1, planned_directory="runs/other")
    assert lines[-3] == "  next    coralrun apply reef.yaml --run-dir runs/reef --retry-failed"
    lines = ends(standing=Standing.FINISHED, retriable=0, mendable=2, left_for_later=1)
    assert lines[-3] == "  next    coralrun apply reef.yaml", "what fails again until it is mended is not for now"


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ({"planned_anew": 2}, "coralrun apply reef.yaml"),
        ({"planned_anew": 1}, "coralrun apply reef.yaml --retry-failed"),
        ({"planned_anew": 0, "survey_file": ""}, 'run = coralrun.open("runs/reef").retry(), in Python'),
    ],
)
def test_what_can_be_mended_names_what_sends_it_then_and_next_does_not(said: dict[str, Any], following: str) -> None:
    lines = ends(standing=Standing.FINISHED, retriable=0, mendable=2, **said)
    assert lines[-3:-1] == [
        f"  2 images may succeed once what is said above is done; then: {following}",
        "  next    coralrun report runs/reef --open",
    ]


def test_jobs_that_were_given_up_are_told_with_why() -> None:
    why = ("the service no longer knows the job", 2)
    told = replace(SUMMARY, jobs_given_up=2, given_up_because=(why,))
    assert list(summary_lines(told))[4] == (
        "          2 x the service no longer knows the job: its images were sent again, or failed"
    )


def ends(**said: Any) -> list[str]:
    """The lines of a summary that says this."""
    return list(summary_lines(replace(SUMMARY, **said)))


def test_photos_in_the_source_that_no_figure_counts_are_named() -> None:
    late = replace(SUMMARY, standing=Standing.FINISHED, uploaded=2, unclaimed=("2/n/a.jpg",), in_doubt=("2/b.jpg",))
    lines = list(summary_lines(replace(late, of_earlier_plans=("2/1/a.jpg", "7/a.jpg", "2/b.jpg"))))
    assert "  in source 2, and not counted: arrived after the run had given them up: 1 (n/a.jpg)" in lines
    assert "  sent without an answer, and not in source 2: may arrive yet: 1 (b.jpg)" in lines
    assert "  in source 2 as an earlier plan sent them, and not among these figures: 2 (1/a.jpg, b.jpg)" in lines
    assert "  in source 7 as an earlier plan sent them, and not among these figures: 1 (a.jpg)" in lines


def test_jobs_that_never_gave_a_result_are_not_among_those_done() -> None:
    lines = list(summary_lines(replace(SUMMARY, jobs_given_up=3, jobs_active=tuple("1234567"))))

    assert "  jobs    2 done, 7 active (1, 2, 3, 4, 5 and 2 more), of 5 images, 3 given up" in lines


def test_possible_duplicates_are_never_silent() -> None:
    lines = list(summary_lines(replace(SUMMARY, possible_duplicates=2)))

    assert any("2 batches may exist twice at the service" in line for line in lines)


def test_photos_that_were_uploaded_are_counted_apart_from_those_that_were_there() -> None:
    assert "  photos  150 uploaded, 20 were there before" in summary_lines(
        replace(SUMMARY, uploaded=150, already_there=20)
    )
    assert not any(line.startswith("  photos") for line in summary_lines(SUMMARY))
