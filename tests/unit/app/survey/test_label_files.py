"""A file of labelled points: all that is wrong with how it is said to be read is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.app.survey.label_files import given_labels, reading_of
from coralrun.errors import CoralrunError
from coralrun.review.whose_labels import PEOPLE, Word
from coralrun.sources.table import NoSuchColumn

NOBODY = "labels.csv: no column says who gave 1 of its labels, people or a machine"


def refused(path: Path, word: Word, **columns: str) -> str:
    with pytest.raises(CoralrunError) as problem:
        given_labels(path, reading_of(columns=columns), word)
    return problem.value.message.replace(f"{path.parent}/", "")


@pytest.mark.parametrize("asks", [True, False])
def test_all_columns_that_are_not_there_are_told_at_once_and_who_labelled_with_them(tmp_path: Path, asks: bool) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("Name,Row,Column,Label\na.jpg,1,2,Sand\n")
    missing = [
        f"labels.csv:1: there is no column `{own}`, which `--columns` names: it has Name, Row, Column, Label"
        for own in ("Zeile", "Foto", "Taxon")
    ]
    named = {"name": "Foto", "label": "Taxon", "row": "Zeile"}
    word = Word(ask=lambda question: pytest.fail("nobody is asked of a table that is to be read otherwise"))
    said = refused(path, word if asks else Word(), **named)
    assert sorted(said.splitlines()) == sorted([*missing, NOBODY])
    with pytest.raises(NoSuchColumn):
        given_labels(path, reading_of(columns=named), Word(PEOPLE))
    path.write_text("Bild,Row,Column\n")
    assert refused(path, Word(), name="Foto").startswith("labels.csv:1: there is no column `Foto`")


def test_all_columns_that_are_none_of_ours_are_told_at_once() -> None:
    with pytest.raises(CoralrunError) as problem:
        reading_of(columns={"nmae": "Foto", "row": "Y", "labl": "Taxon"})
    assert problem.value.message.splitlines() == [
        "--columns nmae=...: no column is called so here",
        "--columns labl=...: no column is called so here",
    ]
