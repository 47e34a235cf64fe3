"""Which classifier a survey means, what should be known of it, and what has become of it since."""

from __future__ import annotations

import pytest
from tests.unit.coralnet.reef_pages import Reef, failing, site_of

from coralrun.connection import Picked
from coralrun.coralnet.reading.classifier import drift, pick_classifier
from coralrun.errors import UsageError
from coralrun.planning.model import Classifier
from coralrun.sources.patience import Patience
from coralrun.spec.model import ClassifierChoice, Pick


def plot(*accuracies: int) -> str:
    rows = [
        {"x": n, "y": y, "nimages": 10 * n, "traintime": "0:00:00", "date": f"Nov. {n}, 2026", "pk": str(n + 100)}
        for n, y in enumerate(accuracies, start=1)
    ]
    return f"<script>\nlet classifierPlotData = {rows!r};\n</script>"


def with_classifiers(*accuracies: int) -> Reef:
    reef = Reef({})
    reef.main = plot(*accuracies)
    return reef


def listed(number: int, accuracy: int) -> Classifier:
    date = f"Nov. {number - 100}, 2026"
    return Classifier(id=str(number), source=1, accuracy=accuracy, date=date, images=10 * (number - 100))


def test_the_newest_is_the_last_one_listed() -> None:
    picked = pick_classifier(site_of(with_classifiers(61, 74, 74, 70)), ClassifierChoice(source=1))
    assert picked == Picked(listed(104, 70))


def test_the_most_accurate_is_the_newest_of_the_best() -> None:
    choice = ClassifierChoice(source=1, pick=Pick.MOST_ACCURATE)
    picked = pick_classifier(site_of(with_classifiers(61, 74, 74, 70)), choice)
    assert picked == Picked(
        listed(103, 74),
        ("classifier 103 has the highest accuracy of 4, but each was measured on a test set of its own",),
    )
    assert pick_classifier(site_of(with_classifiers(61)), choice).warnings == ()


def test_a_page_of_classifiers_that_fails_is_asked_for_again_as_patience_has_it() -> None:
    site, asked = failing(with_classifiers(61), 1, 2)
    slept: list[float] = []
    picked = pick_classifier(site, ClassifierChoice(source=1), patience=Patience(slept.append, lambda _: None))
    assert (picked.classifier.id, len(asked), slept) == ("101", 3, [2.0, 4.0])


def test_a_classifier_by_number_is_looked_for_in_the_surveys_sources() -> None:
    site = site_of(with_classifiers(61, 74))
    assert pick_classifier(site, ClassifierChoice(id="101"), [1]) == Picked(listed(101, 61))


def test_a_classifier_that_no_source_lists_is_allowed_with_a_warning() -> None:
    picked = pick_classifier(site_of(with_classifiers(61)), ClassifierChoice(id="41004"), [1])
    assert picked == Picked(
        Classifier(id="41004"),
        (
            "classifier 41004 is not listed by source 1: it is another source's, or one that CoralNet rejected "
            "for being no better than the one before",
        ),
    )


def test_a_classifier_named_by_its_number_alone_asks_for_no_page() -> None:
    reef = Reef({})
    assert pick_classifier(site_of(reef), ClassifierChoice(id="41004")) == Picked(Classifier(id="41004"))


def test_the_classifier_of_an_earlier_run_is_taken_as_it_was() -> None:
    earlier = {"runs/2023": listed(101, 61)}
    picked = pick_classifier(site_of(Reef({})), ClassifierChoice(same_as="runs/2023"), [1], earlier)
    assert picked == Picked(listed(101, 61))


BORROWED = "source 1 has no classifier of its own and uses 102, of source 7: that one is taken, whatever `pick` says"


@pytest.mark.parametrize(
    ("lender", "known"),
    [
        (plot(61, 74), Classifier(id="102", source=7, accuracy=74, date="Nov. 2, 2026", images=20)),
        (plot(61), Classifier(id="102", source=7)),
        (None, Classifier(id="102", source=7)),
    ],
)
def test_a_borrowed_classifier_is_taken_as_its_own_source_shows_it(lender: str | None, known: Classifier) -> None:
    reef = Reef({})
    reef.main = '<ul><li>Active classifier: 102, from <a href="/source/7/">Other</a>, trained Nov. 2</li></ul>' + plot()
    reef.others = {} if lender is None else {7: lender}
    assert pick_classifier(site_of(reef), ClassifierChoice(source=1)) == Picked(known, (BORROWED,))


def pinned_reef(more: str = "") -> Reef:
    reef = Reef({})
    reef.main = f"<ul><li>Active classifier: 102, from this source, trained Nov. 2, 2026{more}</li></ul>" + plot()
    return reef


PINNED = "source 1 is set to use its own classifier 102, and lists no other: that one is taken, whatever `pick` says"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", PINNED),
        (
            " (latest: 104, trained Nov. 4, 2026)",
            PINNED + "; its newest is 104, which you get with `classifier: {id: 104}`",
        ),
    ],
)
def test_a_source_that_was_set_to_use_one_of_its_own_classifiers_gives_that_one(more: str, said: str) -> None:
    for pick in Pick:
        picked = pick_classifier(site_of(pinned_reef(more)), ClassifierChoice(source=1, pick=pick))
        assert picked == Picked(Classifier(id="102", source=1), (said,))


@pytest.mark.parametrize("number", ["102", "104"])
def test_a_classifier_by_number_may_be_the_one_in_use_or_the_newest(number: str) -> None:
    reef = pinned_reef(" (latest: 104, trained Nov. 4, 2026)")
    assert pick_classifier(site_of(reef), ClassifierChoice(id=number), [1]) == Picked(Classifier(id=number, source=1))


@pytest.mark.parametrize(
    ("more", "pinned", "told"),
    [
        ("", listed(102, 74), ()),
        (
            " (latest: 104, trained Nov. 4, 2026)",
            Classifier(id="102", source=1),
            ("source 1 has a newer classifier, 104; this run keeps 102",),
        ),
        ("", Classifier(id="101", source=1), ("source 1 is set to use its classifier 102 now; this run keeps 101",)),
    ],
)
def test_a_source_that_lists_none_tells_what_changed_by_the_one_in_use(
    more: str, pinned: Classifier, told: tuple[str, ...]
) -> None:
    assert drift(site_of(pinned_reef(more)), pinned) == told


def test_a_source_without_a_classifier_is_an_error_with_advice() -> None:
    reef = Reef({})
    reef.main = "<ul><li>Classifier status: No classifier yet.</li></ul>" + plot()
    with pytest.raises(UsageError) as caught:
        pick_classifier(site_of(reef), ClassifierChoice(source=1))
    assert str(caught.value) == "source 1 (Reef) has no classifier yet"
    assert caught.value.remedy.startswith("Name a source that has one, as `classifier: {source: NUMBER}`, or")


@pytest.mark.parametrize(
    ("pinned", "told"),
    [
        (listed(102, 74), ()),
        (Classifier(id="41004"), ()),
        (
            listed(101, 61),
            (
                "source 1 has a newer classifier, 102 (accuracy 74 %, 20 images, Nov. 2, 2026); "
                "this run keeps 101 (accuracy 61 %, 10 images, Nov. 1, 2026)",
            ),
        ),
        (
            Classifier(id="99", source=1),
            (
                "classifier 99 is not listed by source 1 any more; its newest is 102 (accuracy 74 %, 20 images, "
                "Nov. 2, 2026)",
            ),
        ),
    ],
)
def test_what_has_changed_since_a_classifier_was_pinned_is_told(pinned: Classifier, told: tuple[str, ...]) -> None:
    assert drift(site_of(with_classifiers(61, 74)), pinned) == told


def test_a_source_that_lists_no_classifier_any_more_is_told() -> None:
    told = ("classifier 101 is not listed by source 1 any more; it lists none now",)
    assert drift(site_of(with_classifiers()), listed(101, 61)) == told
    assert drift(site_of(with_classifiers(61)), Classifier(id="4", source=9)) == ()  # a page that cannot be read
