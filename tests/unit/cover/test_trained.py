"""What a classifier says itself that it was trained on stands beside the cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.unit import plans

from coralrun.cover.trained import trained_notes
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Trained
from coralrun.results.groupings import Classes, Grouping
from coralrun.values.classified import Label

IN_FOLDER = PlannedImage(key="a.jpg", name="a.jpg", source="folder:p", points=2, sha256="ef" * 32)
PLAN = replace(plans.PLAN, images=(IN_FOLDER,))
LABELS = (Label(82, "CCA", "Crustose coralline algae"), Label(85, "Porit", "Porites"), Label(None, "Mont", "Montipora"))
EXAMPLES = {"CCA": 1200, "Porit": 7, "Mont": 3, "Rare": 1}


def classes(*groupings: Grouping) -> Classes:
    some = np.ones(len(LABELS), bool)
    return Classes(groupings, some, ~some, ~some, tuple(label.key for label in LABELS), ())


BY_LABEL = Grouping("label", ("CCA", "Porit", "Mont"), (82, 85, None), np.array([0, 1, 2], np.int32))
BY_GROUP = Grouping("group", ("Coral", "Algae"), (None, None), np.array([1, 0, 0], np.int32))


def test_sites_and_the_examples_of_each_group_are_told_the_fewest_first() -> None:
    told = Trained(sites=("Moorea", "Heron"), examples=EXAMPLES)
    assert list(
        trained_notes(
            replace(PLAN, classifier=Classifier(id="reef", trained=told)), classes(BY_LABEL, BY_GROUP), LABELS
        )
    ) == [
        "the classifier was trained on photos of Moorea, Heron",
        "examples that it learnt each group from: Coral 10, Algae 1,200",
    ]


def test_without_groups_the_labels_with_the_fewest_examples_are_told() -> None:
    many = tuple(Label(number, f"L{number:02d}", "") for number in range(1, 31))
    places = np.arange(30, dtype=np.int32)
    by_label = Grouping("label", tuple(label.code for label in many), tuple(label.id for label in many), places)
    told = Trained(sites=(), examples={label.code: int(place) for label, place in zip(many, places, strict=True)})
    sites, examples = trained_notes(
        replace(PLAN, classifier=Classifier(id="reef", trained=told)), classes(by_label), many
    )
    assert sites == "nobody told where the photos are of that the classifier was trained on"
    assert examples.startswith("examples that it learnt each label from (the 12 with the fewest of 30): L01 0, L02 1,")
    assert "L13" not in examples


def test_photos_that_trained_the_classifier_are_said_to_be_in_sample() -> None:
    told = Trained(sites=("Moorea",), examples=EXAMPLES, photos=("ab" * 32, "cd" * 32))
    assert list(
        trained_notes(replace(PLAN, classifier=Classifier(id="reef", trained=told)), classes(BY_LABEL), LABELS)
    )[1].startswith("IN-SAMPLE: the classifier was trained on 2 of these photos")


def test_it_is_said_of_how_many_photos_nobody_knows_whether_they_trained_it() -> None:
    unknown = PlannedImage(key="b.jpg", name="b.jpg", source="manifest:m.csv", points=2)
    told = Classifier(id="reef", trained=Trained(sites=("Moorea",), examples=EXAMPLES))
    plan = replace(PLAN, classifier=told, images=(IN_FOLDER, unknown, unknown))
    assert list(trained_notes(plan, classes(BY_LABEL), LABELS))[1].startswith(
        "whether the classifier was trained on 2 of these photos is not known"
    )


def test_of_a_classifier_that_says_nothing_nothing_is_said() -> None:
    assert list(trained_notes(PLAN, classes(BY_LABEL), LABELS)) == []
