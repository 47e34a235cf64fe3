"""A draw that nobody has labelled is taken back; one that somebody has stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.app.reviewing.test_review import CLOCK, filled, hand_in, reef, rows_of

from coralrun.app.answers.kept_reviews import load
from coralrun.app.answers.verify import verify
from coralrun.app.reviewing import review
from coralrun.app.reviewing.import_text import import_lines
from coralrun.app.reviewing.undoing import undo
from coralrun.app.run.runs import remove
from coralrun.errors import UsageError
from coralrun.review.drawing import SampleRequest, UndoneDraw
from coralrun.review.reviewed import Taken

FIRST, FURTHER = SampleRequest(sample="2"), SampleRequest(sample="2", seed=1)


def labelled(table: bytes) -> bytes:
    """A handed out table with one point of its audit labelled."""
    first = next(row["review_id"] for row in rows_of(table) if row["set"] == "audit")
    return filled(table, {first: "Sand"})


def test_an_undone_draw_is_no_part_of_the_audit_and_its_record_stays(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    first = review.draw(run, FIRST, CLOCK)
    before = load(run)
    further = review.draw(run, FURTHER, CLOCK)
    assert undo(run, CLOCK) == UndoneDraw(2, len(further.drawn), len({point.image for point in further.drawn}), 1)
    assert load(run) == before
    assert run.layout.drawn(2).exists()
    assert [(draw.number, at) for draw, at in ((one.draw, one.at) for one in run.reviews.index().undone)] == [
        (2, run.reviews.index().undone[0].at)
    ]
    assert verify(run).damage == ()

    again = review.draw(run, FURTHER, CLOCK)
    assert (again.number, again.is_again, again.drawn) == (3, False, further.drawn)
    assert review.draw(run, FIRST, CLOCK).drawn == first.drawn


def test_a_draw_of_which_a_label_came_back_stands(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, FIRST, CLOCK)
    hand_in(run, tmp_path, "mine.csv", labelled(drawing.table))
    with pytest.raises(UsageError, match="review 1 is labelled already, on 1 point: it cannot be undone"):
        undo(run, CLOCK)

    review.draw(run, FURTHER, CLOCK)
    assert undo(run, CLOCK).left == 1  # what was labelled before it is no answer to it
    with pytest.raises(UsageError, match="labelled already"):
        undo(run, CLOCK)


def test_a_label_that_is_held_back_is_a_label_all_the_same(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, FIRST, CLOCK)
    hand_in(run, tmp_path, "mine.csv", labelled(drawing.table).replace(b"Sand", b"Snad"))
    with pytest.raises(UsageError, match="labelled already, on 1 point"):
        undo(run, CLOCK)


def test_without_a_draw_there_is_nothing_to_undo(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no review is drawn from it"):
        undo(reef(tmp_path / "run"), CLOCK)


def test_labels_on_what_was_undone_correct_nothing_and_that_is_said(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, FIRST, CLOCK)
    undo(run, CLOCK)
    found = hand_in(run, tmp_path, "mine.csv", labelled(drawing.table))
    assert (found.audit, found.audited, len(found.others)) == ((), (), 1)
    lines = list(import_lines(run, Path("mine.csv"), Taken(found.outcomes[0], found, "", ())))
    assert "  of a review that was undone, and so no part of the audit: 1 point" in lines


def test_a_record_of_an_undone_draw_that_was_touched_is_damage(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    review.draw(run, FIRST, CLOCK)
    undo(run, CLOCK)
    run.layout.drawn(1).write_bytes(b"")
    assert verify(run).damage == (f"{run.layout.drawn(1)}: it is not what was kept",)


def test_a_run_with_an_undone_draw_can_be_removed(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    review.draw(run, FIRST, CLOCK)
    undo(run, CLOCK)
    remove(run)
    assert not run.layout.root.exists()
