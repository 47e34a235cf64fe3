"""Where no label may judge a run, what is said to help does help."""

from __future__ import annotations

from coralrun.accuracy.remedies import what_to_do
from coralrun.accuracy.truth import Why
from coralrun.review.matching import NO_POINT_HERE, NO_PREDICTIONS, NO_SUCH_IMAGE

OWN_POINTS, OTHER_NAMES = "Labels judge a run at its own points", "Labels judge a run's own images alone, by the names"


def test_labels_at_other_points_need_a_run_of_these_points() -> None:
    elsewhere = [*(400 * [NO_POINT_HERE]), *(400 * [NO_PREDICTIONS]), *(5 * [NO_SUCH_IMAGE])]
    for left_out in ({}, {Why.MACHINE: 900}, {Why.OWN_SOURCE: 1}):
        said = what_to_do(left_out, elsewhere, "", "coralrun init own.yaml --images 7 --points coralnet")
        assert said.startswith(OWN_POINTS)
        assert (
            "`sampling: {points: {from: coralnet}}` (`coralrun init own.yaml --images 7 --points coralnet`), or" in said
        )
    assert "`sampling: {points: {from: coralnet}}`, or" in what_to_do({}, elsewhere, "", "")


def test_labels_that_trained_the_classifier_may_be_used_when_they_are_said_to_have() -> None:
    said = what_to_do({Why.OWN_SOURCE: 3, Why.MACHINE: 9}, [NO_POINT_HERE], "Images may be later.", "")
    assert said.endswith("whole images. Images may be later. To see figures all the same, stamped as in-sample: "
                         "--allow-in-sample.")  # fmt: skip


def test_labels_of_other_names_need_the_names_of_the_run() -> None:
    for left_out in ({}, {Why.MACHINE: 9}):
        assert what_to_do(left_out, 3 * [NO_SUCH_IMAGE], "", "").startswith(OTHER_NAMES)


def test_a_machines_labels_alone_are_no_truth() -> None:
    assert what_to_do({Why.MACHINE: 3}, [], "", "") == "Use labels that people gave: a machine's are no truth."
