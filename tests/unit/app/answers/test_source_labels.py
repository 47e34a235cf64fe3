"""What is said of labels that were fetched from a source: how many of them may judge."""

from __future__ import annotations

import pytest

from coralrun.app.answers.source_labels import fetched_said
from coralrun.planning.labelled_points import GivenBy, LabelledPoint

PERSON, MACHINE, UNSAID = GivenBy.PERSON, GivenBy.MACHINE, GivenBy.UNSAID


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "0 labels of people on 0 of 3 photos"),
        ([("a", PERSON), ("a", PERSON), ("b", PERSON), ("c", MACHINE)], "3 labels of people on 2 of 3 photos"),
        (
            [("a", UNSAID), ("b", UNSAID)],
            "2 labels of which nothing says who gave them, people's where --labelled-by people is said, on 2 of "
            "3 photos",
        ),
        (
            [("a", PERSON), ("b", UNSAID)],
            "1 label of people on 1 of 3 photos and 1 label of which nothing says who gave them, people's where "
            "--labelled-by people is said, on 1 of 3 photos",
        ),
    ],
)
def test_all_labels_that_may_judge_are_counted(given: list[tuple[str, GivenBy]], said: str) -> None:
    rows = [LabelledPoint(line=2, name=name, row=1, column=1, label_code="A", given_by=by) for name, by in given]
    assert fetched_said(rows, "3 photos") == said
