"""What was asked for and is not there."""

from __future__ import annotations

import pytest

from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import InvalidInput
from coralrun.planning.compile import compile_plan
from coralrun.planning.image_checks import nearly_the_same
from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Inventory
from coralrun.planning.model import Classifier, Listing, Plan
from coralrun.spec.image_search import Search
from coralrun.spec.model import ClassifierChoice, CoralNetSource, ImageSampling, Survey
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording


def compiled(search: Search, *ids: int) -> Plan:
    source = CoralNetSource(source=3420, search=search)
    inventory: Inventory = [(source, [FoundImage(name=f"{number}.jpg", image_id=number) for number in ids])]
    survey = Survey(
        wording=Wording("survey.yaml"),
        name="moorea",
        service="emulator",
        classifier=ClassifierChoice(id="1"),
        sources=(source,),
        images=ImageSampling(),
        points=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=5),
        run=RunOptions(),
        outputs=Outputs(directory="run"),
    )
    return compile_plan(survey, inventory, Classifier(id="1"), "0" * 64, {}, None, allowed=LIMITS)


def test_numbers_of_a_list_that_are_no_image_are_listed() -> None:
    plan = compiled(Search(image_ids=(1, 2, 7, 9)), 1, 7)
    assert plan.listings == (Listing("coralnet:3420: numbers of `image_id_list` that no image found has", ("2", "9")),)
    assert compiled(Search(image_ids=(1, 7)), 1, 7).listings == ()


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (Search(), ["survey.yaml: no image is left to plan: coralnet:3420 has 0 images"]),
        (
            Search(image_name="mcr"),
            [
                "survey.yaml: no image is left to plan: coralnet:3420 has 0 images",
                "survey.yaml: the `search` of coralnet:3420 finds no image: is it too narrow?",
            ],
        ),
        (
            Search(annotation_status="unconfirmed", last_annotator="machine"),
            [
                "survey.yaml: no image is left to plan: coralnet:3420 has 0 images",
                "survey.yaml: the `search` of coralnet:3420 finds no image: is it too narrow? `annotation_status` and "
                "`last_annotator` go by the labels that images have now, so a plan made later finds others: name the "
                "images that are meant, by `search: {image_id_list: ...}` or `filters: {names_from: ...}` (the run's "
                "tries.csv has both); a run that is there keeps its images",
            ],
        ),
    ],
)
def test_a_search_that_finds_nothing_is_told_from_a_source_that_has_nothing(search: Search, said: list[str]) -> None:
    with pytest.raises(InvalidInput) as problem:
        compiled(search)
    assert [str(found) for found in problem.value.problems] == said


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        (["a.jpg", "a (1).jpg", "A - Copy.JPG", "a_copy (2).png", "a copy 3.jpg", "a-copy.jpg"], True),
        (["r\u00e9cif.jpg", "re\u0301cif.JPG"], True),
        (["Stra\u00dfe.jpg", "STRASSE.jpg"], False),
        (["a.jpg", "a1.jpg", "a(2024).jpg", "acopy.jpg", "a copy 2024.jpg", "a (.jpg", "a 1).jpg"], False),
        (["a (12).jpg", "b.jpg"], False),
    ],
)
def test_names_of_copies_are_nearly_the_same(names: list[str], listed: bool) -> None:
    listings = list(nearly_the_same([FoundImage(name=name) for name in names]))
    assert [len(listing.names[0].split(" = ")) for listing in listings] == ([len(names)] if listed else [])


def test_names_that_look_the_same_are_listed_with_what_differs() -> None:
    (listing,) = nearly_the_same([FoundImage(name=name) for name in ("r\u00e9cif.jpg", "re\u0301cif.jpg")])
    assert listing.names == ("r\u00e9cif.jpg = re\u0301cif.jpg (\u00e9 written as e + U+0301)",)


def test_a_long_run_of_blanks_takes_no_longer_than_any_other_name() -> None:
    blanks = " " * 200_000
    names = [f"a{blanks}b copy.jpg", f"copy{blanks}b).jpg", f"a{blanks}(1x).jpg", f"a{blanks}.jpg"]
    assert list(nearly_the_same([FoundImage(name=name) for name in names])) == []
