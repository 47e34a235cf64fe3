"""What CoralNet says of its classifier is shown as what it is, and never as a figure of the survey."""

from __future__ import annotations

import pytest

from coralrun.accuracy.own_figures import own_document, own_labels, own_lines
from coralrun.errors import RunDamaged
from coralrun.planning.confusion import Confusion, decode, encode

FOUND = Confusion(
    classifier="41004",
    source=3420,
    labels=("Sand (SND)", "Coral (COR)", "Never (NEV)"),
    points=((90, 10, 0), (30, 20, 0), (0, 0, 0)),
)


def test_lines_begin_with_where_the_figures_are_from() -> None:
    assert list(own_lines(FOUND)) == [
        "  CoralNet's own figures, from its own held-out images of source 3420, not from your survey: 150 points, the "
        "classifier right on 73.3%",
        "    30 of 50 points of Coral (COR) as Sand (SND)",
        "    10 of 100 points of Sand (SND) as Coral (COR)",
        "    (the whole matrix: --json)",
    ]


def test_each_label_has_what_is_found_of_it_and_what_is_confirmed() -> None:
    sand, coral = own_labels(FOUND)
    assert (sand.points, sand.found, sand.confirmed, sand.taken_for, sand.taken) == (100, 0.9, 0.75, "Coral (COR)", 10)
    assert (coral.points, coral.found, coral.confirmed) == (50, 0.4, 20 / 30)


def test_a_classifier_without_a_point_or_a_mistake_is_said_so() -> None:
    empty = Confusion(classifier="1", source=2, labels=("A",), points=((0,),))
    (line,) = own_lines(empty)
    assert line.endswith("0 points, the classifier right on -")
    assert own_document(None) is None
    document = own_document(FOUND)
    assert document is not None
    assert "not from your survey" in document["what"]


def test_it_is_kept_as_it_was_and_a_damaged_one_is_noticed() -> None:
    data = encode(FOUND)
    assert decode("confusion.json", data) == FOUND
    with pytest.raises(RunDamaged, match=r"^confusion.json: damaged"):
        decode("confusion.json", data.replace(b"[90,10,0]", b"[90,10,1]"))
    with pytest.raises(ValueError, match="no square"):
        Confusion(classifier="1", source=2, labels=("A",), points=((0, 1),))
