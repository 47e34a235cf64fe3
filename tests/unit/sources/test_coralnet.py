"""The classifier of a CoralNet source, picked as the survey says, and where its images are."""

from __future__ import annotations

import pytest

from coralrun.errors import UsageError
from coralrun.machine.outcomes import Unusable
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Classifier, PlannedImage, Size
from coralrun.ports import Images, Located
from coralrun.sources.coralnet import CoralNetImages, pick_classifier
from coralrun.sources.crawl import Patience
from coralrun.spec.model import ClassifierChoice, Pick

from .reef_pages import Reef, failing, site_of


def plot(*accuracies: int) -> str:
    rows = [
        {"x": n, "y": y, "nimages": 10 * n, "traintime": "0:00:00", "date": f"Nov. {n}, 2026", "pk": str(n + 100)}
        for n, y in enumerate(accuracies, start=1)
    ]
    return f"<script>\nlet classifierPlotData = {rows!r};\n</script>"


def test_an_image_is_located_by_its_id() -> None:
    images: Images = CoralNetImages(site_of(Reef({7: "a.jpg"})))
    here = PlannedImage(key="coralnet:1/7", source="coralnet:1", name="a.jpg", points=1, image_id=7)
    gone = PlannedImage(key="coralnet:1/8", source="coralnet:1", name="b.jpg", points=1, image_id=8)
    assert images.locate(here) == Located("https://coralnet.test/media/7.jpg", Size(40, 30), None)
    assert images.locate(gone) == Unusable(Reason.NOT_FOUND)


@pytest.mark.parametrize(
    ("choice", "number"),
    [
        (ClassifierChoice(source=1, pick=Pick.NEWEST), 104),
        (ClassifierChoice(source=1, pick=Pick.MOST_ACCURATE), 103),
        (ClassifierChoice(source=1, id=102), 102),
    ],
)
def test_a_classifier_is_picked_as_the_survey_says(choice: ClassifierChoice, number: int) -> None:
    reef = Reef({})
    reef.main = plot(61, 74, 74, 70)
    picked = pick_classifier(site_of(reef), choice)
    accuracy = (61, 74, 74, 70)[number - 101]
    date = f"Nov. {number - 100}, 2026"
    assert picked == Classifier(id=number, source=1, accuracy=accuracy, date=date, images=10 * (number - 100))


def test_a_page_of_classifiers_that_fails_is_asked_for_again_as_patience_has_it() -> None:
    reef = Reef({})
    reef.main = plot(61)
    site, asked = failing(reef, 1, 2)
    slept: list[float] = []
    picked = pick_classifier(site, ClassifierChoice(source=1), Patience(slept.append, lambda _: None))
    assert (picked.id, len(asked), slept) == (101, 3, [2.0, 4.0])


def test_a_classifier_named_by_its_number_alone_asks_for_no_page() -> None:
    assert pick_classifier(site_of(Reef({})), ClassifierChoice(id=41004)) == Classifier(id=41004)


def test_a_source_that_borrows_a_classifier_lends_its_number() -> None:
    reef = Reef({})
    reef.main = '<ul><li>Active classifier: 4, from <a href="/source/7/">Other</a>, trained Nov. 22</li></ul>' + plot()
    assert pick_classifier(site_of(reef), ClassifierChoice(source=1)) == Classifier(id=4, source=7)


def test_a_source_without_a_classifier_is_an_error_with_advice() -> None:
    reef = Reef({})
    reef.main = "<ul><li>Classifier status: No classifier yet.</li></ul>" + plot()
    with pytest.raises(UsageError, match=r"source 1 \(Reef\) has no classifier yet"):
        pick_classifier(site_of(reef), ClassifierChoice(source=1))
