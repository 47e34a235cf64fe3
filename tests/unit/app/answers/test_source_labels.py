"""Labels that were fetched from a source: what is said of them, and whether they judge a run or its reviews do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.answers.accuracy import truth_of
from coralrun.app.answers.source_labels import FetchedLabels, fetched_said
from coralrun.app.reviewing.review import draw
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.errors import UsageError
from coralrun.planning.labelled_points import GivenBy, LabelledPoint
from coralrun.review.drawing import SampleRequest

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


def test_an_audit_judges_before_what_people_labelled_in_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_run(tmp_path / "run", [Photo("a.jpg", sure("A"))])
    file, reviewed, other = tmp_path / "run-labels-2.csv", run.layout.outputs / "reviewed.csv", Path("other.csv")

    def judging(truth: Path | None = None, *, may_judge: bool) -> Path:
        fetched = FetchedLabels(file, "1 photo in source 2", may_judge)
        monkeypatch.setattr("coralrun.app.answers.accuracy.fetched_labels", lambda *_: fetched)
        return truth_of(run, truth, True, Printer())

    assert judging(may_judge=True) == file
    with pytest.raises(UsageError, match="no point of 1 photo in source 2 has a label that people gave"):
        judging(may_judge=False)
    reviewed.write_bytes(b"")
    assert [judging(may_judge=said) for said in (True, False)] == [file, reviewed]
    draw(run, SampleRequest(sample="1"), SystemClock())
    assert judging(may_judge=True) == reviewed
    assert judging(other, may_judge=True) == other
