"""An image of the classifier's own source may have trained it, unless its annotations are known to be later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.accuracy.audited_reef import SITE, plan_of

from coralrun.accuracy.training import Absence, histories, trained_on
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Classifier

TRAINED = Classifier(id="9", source=2, date="Nov. 22, 2026")
PLAN = replace(plan_of([("a",), ("b",)], ("site",), SITE, 4), classifier=TRAINED)


def row(date: str, name: str = "0.jpg", annotator: str = "anna", review: str = "") -> LabelledPoint:
    return LabelledPoint(
        line=2, name=name, row=1, column=1, label_code="A", annotator=annotator, date=date, review_id=review
    )


def may_have_trained(
    *rows: LabelledPoint, exported: tuple[LabelledPoint, ...] | None = None, absence: Absence = Absence.NOTHING
) -> bool:
    return histories(PLAN, rows, exported, absence)[0].may_have_trained


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-11-23 07:59:00+00:00", True),  # the evening of the 22nd in California
        ("2026-11-23 08:00:00+00:00", False),
        ("2026-11-23", True),  # in Kiribati the 22nd of California is not over then
        ("2026-11-24", False),
        ("2020-01-01 00:00:00+00:00", True),
        ("", True),
        ("yesterday", True),
        ("0001-01-01", True),
    ],
)
def test_only_what_was_annotated_after_the_day_of_training_is_later(date: str, expected: bool) -> None:
    assert may_have_trained(row(date)) is expected


def test_one_early_annotation_is_enough() -> None:
    assert may_have_trained(row("2026-12-24"), row("2026-11-01"))


@pytest.mark.parametrize("absence", Absence)
def test_an_image_that_an_export_of_them_all_does_not_have_trained_nothing(absence: Absence) -> None:
    of_another = (row("2026-11-01", name="1.jpg"),)
    assert may_have_trained(exported=of_another, absence=absence) is (absence is Absence.NOTHING)


def test_what_nobody_confirmed_trained_nothing() -> None:
    of_the_robot = (row("2026-11-01", annotator="robot"),)
    assert not may_have_trained(exported=of_the_robot, absence=Absence.NOTHING), "the export has this image"
    assert may_have_trained(exported=(row("2026-11-01", annotator="Alleviate"),))


def test_the_date_of_a_review_says_nothing_of_what_coralnet_had() -> None:
    assert may_have_trained(row("2026-12-24", review="r1-00001"))


def test_images_of_other_sources_have_no_such_history() -> None:
    assert histories(replace(PLAN, classifier=replace_source(7)), (row("2026-12-24"),), None, Absence.NOTHING) == {}


def replace_source(source: int) -> Classifier:
    return Classifier(id="9", source=source, date=TRAINED.date)


@pytest.mark.parametrize("date", [None, "", "Nov. 31, 2026", "Brumaire 2, 2026", "some day"])
def test_a_day_of_training_that_cannot_be_read_is_not_known(date: str | None) -> None:
    assert trained_on(Classifier(id="9", source=2, date=date)) is None


@pytest.mark.parametrize("date", ["May 3, 2026", "June 3, 2026, 8:12 a.m.", "Sept. 3, 2026"])
def test_a_day_of_training_is_read_as_its_page_writes_it(date: str) -> None:
    assert trained_on(Classifier(id="9", source=2, date=date)) is not None
