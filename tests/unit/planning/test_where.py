"""Conditions on metadata: which images meet them, and what is said of the others."""

from __future__ import annotations

import pytest

from coralrun.errors import InvalidInput
from coralrun.planning.images import FoundImage
from coralrun.planning.model import Listing
from coralrun.planning.where import check_fields, meet
from coralrun.spec.model import Asked, CoralNetSource, Filters, ImageSampling, Range
from coralrun.spec.wording import Wording


def met(asked: Asked, *values: str) -> list[str]:
    return [image.metadata[0] for image in meet("coralnet:1", "IT", asked, images(*values)).images]


def images(*values: str) -> list[FoundImage]:
    return [FoundImage(name=f"{index}.jpg", fields=("it",), metadata=(value,)) for index, value in enumerate(values)]


def listings(asked: Asked, *values: str) -> list[Listing]:
    return list(meet("coralnet:1", "it", asked, images(*values)).listings)


@pytest.mark.parametrize(
    ("asked", "values", "left"),
    [
        (("A", "B"), ("A", "a", "B", "C", ""), ["A", "B"]),
        ((1.0,), ("1", "01", "1.0", "2", "one"), ["1", "01", "1.0"]),
        ((12.0,), ("1_2", "12", "1٢"), ["12"]),  # transect 1, quadrat 2
        (("1",), ("1", "01"), ["1"]),
        (Range(most=15.0), ("15", "15.1", "-3", "deep", "1_5"), ["15", "-3"]),
        (Range(least=5.0, most=15.0), ("4.9", "5", "1e1", "nan", "inf"), ["5", "1e1"]),
        (
            Range(first="2008-04-15", last="2008-04-16"),
            ("2008-04-14", "2008-04-15", "2008-04-16T23:59:00", "2008-04-17", "15/04/2008", "2008"),
            ["2008-04-15", "2008-04-16T23:59:00"],
        ),
        (Range(first="2008-01-01"), ("2007-12-31", "2030-01-01 10:00"), ["2030-01-01 10:00"]),
    ],
)
def test_an_image_meets_a_condition_by_what_is_known_of_it(
    asked: Asked, values: tuple[str, ...], left: list[str]
) -> None:
    assert met(asked, *values) == left


def test_what_is_not_known_or_cannot_be_compared_is_left_out_and_listed() -> None:
    assert listings(Range(most=15.0), "15", "", "5 m") == [
        Listing("coralnet:1: images left out because their `it` is not known", ("1.jpg",)),
        Listing("coralnet:1: images left out because their `it` is no number", ("2.jpg",)),
    ]
    assert listings(Range(first="2008-01-01"), "15.04.2008") == [
        Listing("coralnet:1: images left out because their `it` is no day, such as 2008-04-15", ("0.jpg",)),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        Range(most=15.0),
        Range(first="2008-01-01"),
        (15.0,),
    ],
)
def test_what_cannot_be_a_number_or_a_day_and_says_nothing_is_not_known_there(asked: Asked) -> None:
    assert listings(asked, "None", "-", "?", "NA", "null") == [
        Listing("coralnet:1: images left out because their `it` is not known", tuple(f"{at}.jpg" for at in range(5))),
        *(
            [
                Listing("coralnet:1: values of `it` under `where` that no image has", ("15",)),
                Listing("coralnet:1: values of `it` that images have", ("-", "?", "NA", "None", "null")),
            ]
            if asked == (15.0,)
            else []
        ),
    ]


def test_a_mark_may_be_asked_for_where_it_is_a_value() -> None:
    assert met(("None", "NA"), "None", "-", "NA") == ["None", "NA"]


def test_a_value_asked_for_that_no_image_has_is_listed_with_those_there_are() -> None:
    assert listings(("A", "Q", 3.0, "b"), "T10", "A", "B", "T9", "") == [
        Listing("coralnet:1: images left out because their `it` is not known", ("4.jpg",)),
        Listing("coralnet:1: values of `it` under `where` that no image has", ("Q", "3", "b (B is there)")),
        Listing("coralnet:1: values of `it` that images have", ("A", "B", "T9", "T10")),
    ]


def test_no_images_meet_nothing() -> None:
    assert meet("coralnet:1", "it", Range(most=1.0), []).images == []


def test_a_field_that_no_image_has_is_refused_with_those_that_there_are() -> None:
    source = CoralNetSource(source=1, filters=Filters(where={"dept": Range(most=1.0)}))
    with pytest.raises(InvalidInput) as refused:
        check_fields(Wording("survey.yaml"), [source], ImageSampling(count=1, by="zone"), ("Site", "depth"))
    assert str(refused.value) == (
        "survey.yaml: `where` names the field `dept`, and the images have: `Site`, `depth`; did you mean `depth`?\n"
        "survey.yaml: `sampling.images.by` names the field `zone`, and the images have: `Site`, `depth`"
    )
    assert refused.value.remedy == (
        "Name a field that the metadata have, or bring it in with `metadata` or a column of the manifest."
    )
    check_fields(Wording("survey.yaml"), [source], ImageSampling(), ("DEPT",))
