"""Labelled rows as examples: what is learnt from, and what is left out with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from coralrun.classifiers.examples import Example, LabelledPhoto, Why, gather, rare
from coralrun.errors import UsageError
from coralrun.planning.images import Point
from coralrun.planning.labelled_points import GivenBy, LabelledPoint


def row(name: str, at: int, code: str, given_by: GivenBy = GivenBy.PERSON, **more: Any) -> LabelledPoint:
    return LabelledPoint(line=2, name=name, row=at, column=at, label_code=code, given_by=given_by, **more)


def test_peoples_labels_are_examples_photo_by_photo_in_the_order_of_points() -> None:
    found = gather([row("b.jpg", 7, "CCA"), row("b.jpg", 3, "Turf"), row("a.jpg", 1, "CCA")], ["a.jpg", "b.jpg"])
    assert found.photos == (
        LabelledPhoto("a.jpg", (Example(Point(1, 1), "CCA", "line 2"),)),
        LabelledPhoto("b.jpg", (Example(Point(3, 3), "Turf", "line 2"), Example(Point(7, 7), "CCA", "line 2"))),
    )
    assert not found.left_out


def test_what_is_not_learnt_from_is_counted_by_its_reason() -> None:
    rows = [
        row("a.jpg", 1, ""),
        row("a.jpg", 2, "CCA", GivenBy.MACHINE),
        row("a.jpg", 3, "CCA", GivenBy.UNSAID),
        row("gone.jpg", 4, "CCA"),
        row("a.jpg", 5, "CCA"),
        row("a.jpg", 5, "Turf"),
        row("a.jpg", 6, "CCA"),
        row("a.jpg", 6, "CCA"),
    ]
    found = gather(rows, ["a.jpg"])
    assert found.photos == (LabelledPhoto("a.jpg", (Example(Point(6, 6), "CCA", "line 2"),)),)
    assert found.missing == ("gone.jpg",)
    assert found.left_out == {
        Why.UNLABELLED: 1,
        Why.MACHINE: 1,
        Why.UNSAID: 1,
        Why.NO_PHOTO: 1,
        Why.TWO_LABELS: 2,
        Why.TWICE: 1,
    }


def test_a_name_means_the_photo_whose_path_ends_in_it() -> None:
    found = gather([row("A.JPG", 1, "CCA"), row("b.jpg", 1, "CCA")], ["2019/a.jpg", "2019/b.jpg", "b.jpg"])
    assert [photo.path for photo in found.photos] == ["2019/a.jpg", "b.jpg"]


def test_a_name_that_may_mean_two_photos_is_a_problem() -> None:
    with pytest.raises(UsageError, match=r"`a\.jpg` may mean `2019/a\.jpg` or `2020/a\.jpg`"):
        gather([row("a.jpg", 1, "CCA")], ["2019/a.jpg", "2020/a.jpg"])


def test_a_file_of_one_photo_means_the_photo_whose_path_its_own_ends_in() -> None:
    old, one = r"D:\reef\2008\Q1.JPG", "q2.jpg"
    rows = [row(old, 1, "CCA", paths=(old, "cpce/Q1.JPG")), row(one, 1, "CCA", paths=(one,))]
    found = gather(rows, ["2008/q1.jpg", "2009/q1.jpg", "2009/q2.jpg"])
    assert [photo.path for photo in found.photos] == ["2008/q1.jpg", "2009/q2.jpg"]
    assert not found.missing


def test_an_address_means_the_photo_whose_path_ends_in_what_it_ends_in() -> None:
    urls = "https://reef.org/x/q1.jpg", "https://reef.org/y/q1.jpg"
    assert [photo.path for photo in gather([row(urls[0], 1, "CCA")], ["2024/q1.jpg"]).photos] == ["2024/q1.jpg"]
    with pytest.raises(UsageError, match=r"may both mean the photo `2024/q1\.jpg`"):
        gather([row(url, 1, "CCA") for url in urls], ["2024/q1.jpg"])


def test_two_files_that_may_mean_one_photo_are_a_problem() -> None:
    rows = [row(path, 1, "CCA", paths=(path,)) for path in ("D:/north/a.jpg", "D:/south/a.jpg")]
    with pytest.raises(UsageError, match=r"`D:/north/a\.jpg` and `D:/south/a\.jpg` may both mean the photo `a\.jpg`"):
        gather(rows, ["a.jpg"])


def test_a_name_without_a_photo_is_told_with_the_photo_that_it_resembles() -> None:
    found = gather([row("old/a.jpg", 1, "CCA"), row("b.jpg", 1, "CCA")], ["a.jpg", "c.jpg"])
    assert found.near == ("`old/a.jpg` is not there, but `a.jpg` is: names are matched with their folders",)


def test_a_label_keeps_its_id_and_has_one_alone() -> None:
    rows = [row("a.jpg", at, code, label_id=number) for at, code, number in ((1, "CCA", 5), (2, "", 5), (3, "", 7))]
    found = gather([row("a.jpg", 4, "CCA"), *rows], ["a.jpg"])
    assert found.ids == {"CCA": 5, "7": 7}
    assert [example.code for example in found.photos[0].examples] == ["CCA", "CCA", "7", "CCA"]
    for code, number in (("CCA", 6), ("Turf", 5)):
        with pytest.raises(UsageError, match=f"do not go together: `{code}` {number}"):
            gather([*rows, row("a.jpg", 4, code, label_id=number)], ["a.jpg"])


def test_labels_with_fewer_than_five_examples_are_not_learnt() -> None:
    assert rare(["CCA"] * 5 + ["Turf"] * 4 + ["Sand"]) == {"Sand": 1, "Turf": 4}
