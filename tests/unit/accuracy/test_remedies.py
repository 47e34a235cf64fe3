"""Where no label may judge a run, what is said to help does help."""

from __future__ import annotations

from coralrun.accuracy.remedies import what_to_do
from coralrun.accuracy.truth import Why


def test_labels_at_other_points_need_a_run_of_these_points() -> None:
    for left_out in ({}, {Why.MACHINE: 9}):
        said = what_to_do(left_out, 800, 5, "")
        assert "points: {from: coralnet}" in said
        assert "not trained on" not in said


def test_labels_that_trained_the_classifier_may_be_used_when_they_are_said_to_have() -> None:
    said = what_to_do({Why.OWN_SOURCE: 3}, 5, 0, "Images may be later.")
    assert said.endswith("whole images. Images may be later. To see figures all the same, stamped as in-sample: "
                         "--allow-in-sample.")  # fmt: skip


def test_labels_of_other_names_need_the_names_of_the_run() -> None:
    for left_out in ({}, {Why.MACHINE: 9}):
        assert what_to_do(left_out, 0, 3, "").startswith("Labels judge a run's own images alone, by the names")


def test_a_machines_labels_alone_are_no_truth() -> None:
    assert what_to_do({Why.MACHINE: 3}, 0, 0, "") == "Use labels that people gave: a machine's are no truth."
