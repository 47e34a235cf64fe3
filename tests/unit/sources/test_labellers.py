"""Whose a label is, by the columns of its table: a machine's is never a person's."""

from __future__ import annotations

import pytest

from coralrun.planning.labelled_points import GivenBy
from coralrun.sources.labelled_file import read_labelled

P, M, U = GivenBy.PERSON, GivenBy.MACHINE, GivenBy.UNSAID
PLACE = "name,row,column"


def givers(*lines: str) -> list[GivenBy]:
    """Who gave the label of each row of a table; its first three columns are the point."""
    header, *rows = lines
    data = "\n".join([f"{PLACE},{header}", *(f"a.jpg,{number},2,{row}" for number, row in enumerate(rows))])
    return [row.given_by for row in read_labelled("truth.csv", data.encode())]


@pytest.mark.parametrize(
    ("annotator", "giver"),
    [
        *(
            (name, P)
            for name in ("anna", "TITlyf", "A.I. Berg", "Ai", "Robotham", "Max Modell", "Otto Mate", "reviewer")
        ),
        *((name, M) for name in ("robot", "Alleviate", "coralrun classifier 7", "CoralNet classifier 12", "machine")),
        *(
            (name, M)
            for name in ("AI", "Model", "auto", "classifier", "Classifier 3", "deep learning", "Machine_Robot")
        ),
        *((name, U) for name in ("", "NA", "n/a", "unknown", "?", "Imported")),
    ],
)
def test_an_annotator_is_a_person_unless_the_name_is_a_machines(annotator: str, giver: GivenBy) -> None:
    assert givers("Label,Annotator", f"Sand,{annotator}") == [giver]


@pytest.mark.parametrize("heading", ["Annotated by", "labelled_by", "Labeled.By", "analyst", "verified_by"])
def test_an_annotator_goes_by_other_headings_too(heading: str) -> None:
    assert givers(f"Label,{heading}", "Sand,anna", "Sand,robot") == [P, M]


@pytest.mark.parametrize(
    ("mark", "giver"),
    [
        *((mark, P) for mark in ("True", "TRUE", "true", "1", "1.0", "yes", "Confirmed")),
        *((mark, M) for mark in ("False", "FALSE", "0", "0.0", "no", "N", "Unconfirmed", "Unclassified")),
        *((mark, U) for mark in ("", "perhaps")),
    ],
)
def test_what_nobody_verified_is_a_machines(mark: str, giver: GivenBy) -> None:
    assert givers("Label,Verified", f"Sand,{mark}") == [giver]
    assert givers("Label,Annotation status", f"Sand,{mark}") == [giver]


def test_the_machines_word_counts_where_two_columns_differ() -> None:
    rows = ("Sand,robot,True", "Sand,anna,False", "Sand,anna,True", "Sand,,True", "Sand,anna,")
    assert givers("Label,Annotator,Verified", *rows) == [M, M, P, P, P]


@pytest.mark.parametrize("heading", ["score", "Confidence", "probability", "likelihood"])
def test_a_label_with_a_score_of_its_own_is_a_machines_unless_a_person_is_named(heading: str) -> None:
    assert givers(f"label_code,{heading}", "Sand,0.88", "Sand,97%", "Sand,", "Sand,sure") == [M, M, U, U]
    assert givers(f"label_code,{heading},Annotator", "Sand,0.88,anna", "Sand,1,") == [P, M]


def test_a_first_suggestion_is_a_machines_label_and_so_are_all_beside_it() -> None:
    """Those that differ are what somebody corrected, and alone they would say that the machine is always wrong."""
    header = "Label,Machine suggestion 1,Machine confidence 1"
    assert givers(header, "Sand,sand,90", "Turf,Sand,55", "Turf,,") == [M, M, U]
    assert givers(header, "Turf,Sand,55", "Porit,Sand,60") == [U, U]


@pytest.mark.parametrize("heading", ["label_code_1", "predicted_label", "Machine.suggestion.1"])
def test_what_the_machine_gave_goes_by_other_headings_too(heading: str) -> None:
    assert givers(f"Label,{heading}", "Sand,Sand", "Turf,Sand") == [M, M]


def test_a_label_by_its_number_is_compared_too() -> None:
    assert givers("Label ID,machine_label", "82,82", "82,Sand") == [M, M]


def test_a_persons_label_beside_suggestions_is_a_persons_where_a_column_says_so() -> None:
    header = "Label,Verified,Machine suggestion 1"
    assert givers(header, "Sand,True,Sand", "Turf,True,Sand", "Sand,False,Sand") == [P, P, M]


def test_an_unlabelled_toolbox_point_has_no_label_although_verified() -> None:
    data = (
        "Name,Row,Column,Patch Size,Annotation Type,Label,Long Label,Verified\n"
        "a.jpg,1,2,224,Patch,Review,Review,True\na.jpg,1,3,224,Patch,Sand,Sand,True\n"
    )
    rows = read_labelled("toolbox.csv", data.encode())
    assert [(row.is_labelled, row.is_persons) for row in rows] == [(False, False), (True, True)]
    assert givers("Label,Verified", "Review,True") == [P], "another table may have such a label"


def test_a_table_that_coralrun_hands_out_or_keeps_is_peoples_without_a_word() -> None:
    header = "review_id,set,inclusion_probability,label_code,annotator,machine_label_code,machine_score"
    assert givers(header, "r1-1,audit,0.5,Sand,,Sand,0.9", "r1-2,audit,0.5,Sand,robot,Sand,0.9") == [P, M]
    kept = "set,machine_label_code,machine_score,human_label_id,human_label_code,annotator"
    assert givers(kept, "audit,Sand,0.9,82,Sand,") == [P]


def test_a_plain_table_says_nothing_and_the_column_that_says_it_is_named() -> None:
    assert givers("Label", "Sand") == [U]
    (row,) = read_labelled("t.csv", f"{PLACE},Label,is_verified\na.jpg,1,2,Sand,no\n".encode())
    assert row.given_by_column == "is_verified"
