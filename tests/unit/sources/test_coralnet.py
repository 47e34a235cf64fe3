"""CoralNet sources: crawled by key whatever comes and goes meanwhile, and a classifier picked as the survey says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.coralnet.client import Http
from coralrun.coralnet.limiter import WebRate
from coralrun.coralnet.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.machine.outcomes import Unusable
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Classifier, FoundImage, PlannedImage, Size
from coralrun.ports import Images, Located
from coralrun.sources.coralnet import CoralNetImages, Patience, crawl, pick_classifier
from coralrun.spec.model import ClassifierChoice, CoralNetSource, Pick

PAGE_IMAGES = 20
SOURCE = CoralNetSource(source=1)
Raw = tuple[int, list[tuple[str, str]], bytes]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Reef:
    """A source's web pages in memory, as far as a crawl looks at them. `meanwhile` runs before each page."""

    def __init__(self, images: Mapping[int, str], meanwhile: Callable[[dict[int, str], int], None] | None = None):
        self.images = dict(images)
        self.pages = 0
        self.main = ""
        self._meanwhile = meanwhile

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        address = urlsplit(url)
        if address.path == "/source/1/":
            return 200, [], html(f'<h2><a href="/source/1/">Reef</a></h2>{self.main}')
        if address.path.startswith("/image/"):
            return self._image(int(address.path.split("/")[2]))
        if self._meanwhile is not None:
            self._meanwhile(self.images, self.pages)
        self.pages += 1
        low, high = map(int, parse_qs(address.query)["image_id_range"][0].split("_"))
        found = [(number, name) for number, name in sorted(self.images.items()) if low <= number <= high]
        if not found:
            return 200, [], html("<p>No image results.</p>")
        shown = found[:PAGE_IMAGES]
        link = '<a class="prev-next-page" title="Next page" href="?page=2">&gt;</a>' if len(found) > len(shown) else ""
        thumbs = "".join(
            f'<span class="thumb_wrapper"><a href="/image/{number}/view/"><img class="thumb confirmed" '
            f'alt="{escape(name)}"/></a></span>'
            for number, name in shown
        )
        count = f"Showing 1-{len(shown)} of {len(found)}"
        return 200, [], html(f'<div class="pagination">{count} {link}</div>{thumbs}')

    def _image(self, number: int) -> Raw:
        if number not in self.images:
            return 404, [], html("Page could not be found.")
        return (
            200,
            [],
            html(
                f'<div id="original_image_container"><img src="/media/{number}.jpg"/></div><div class="details"><ul>'
                f"<li>Name: {escape(self.images[number])}</li><li>Full resolution: 40 x 30 pixels</li></ul></div>"
            ),
        )


def html(content: str) -> bytes:
    return f"<html><head><title>x | CoralNet</title></head><body><div id=content-container>{content}</div>".encode()


def site_of(reef: Reef) -> Site:
    clock = Clock()
    return Site(Http("https://coralnet.test", clock, reef.handle), WebRate(clock, 4.0))


def plot(*accuracies: int) -> str:
    rows = [
        {"x": n, "y": y, "nimages": 10 * n, "traintime": "0:00:00", "date": f"Nov. {n}, 2026", "pk": str(n + 100)}
        for n, y in enumerate(accuracies, start=1)
    ]
    return f"<script>\nlet classifierPlotData = {rows!r};\n</script>"


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 141])
def test_a_crawl_finds_every_image_once_in_the_order_of_ids(count: int) -> None:
    reef = Reef({3 * number: f"image, {number}.jpg" for number in range(1, count + 1)})
    seen: list[tuple[int, int]] = []
    found = crawl(site_of(reef), SOURCE, lambda done, total: seen.append((done, total)))
    assert found == tuple(FoundImage(name=name, image_id=number) for number, name in reef.images.items())
    assert reef.pages == max(1, -(-count // PAGE_IMAGES))
    assert seen[-1] == (count, count)
    assert {total for _, total in seen} == {count}


def test_images_that_come_and_go_hide_none_that_stay_and_double_none() -> None:
    stay = {number: f"{number}.jpg" for number in range(10, 2000, 10)}
    passing = {number: f"passing {number}.jpg" for number in range(5, 2000, 10)}

    def meanwhile(images: dict[int, str], page: int) -> None:
        for number in list(passing)[page::7]:
            images.pop(number, None)
        images[3000 + page] = "new.jpg"

    found = crawl(site_of(Reef(stay | passing, meanwhile)), SOURCE)
    ids = [image.image_id for image in found]
    assert set(stay) <= set(ids)
    assert len(ids) == len(set(ids))


@given(ids=st.sets(st.integers(1, 2_147_483_647), max_size=90))
@settings(max_examples=20, deadline=None)
def test_any_ids_are_all_found(ids: set[int]) -> None:
    found = crawl(site_of(Reef({number: f"{number}.jpg" for number in ids})), SOURCE)
    assert [image.image_id for image in found] == sorted(ids)


def test_a_service_that_gives_the_same_page_again_does_not_keep_the_crawl_for_ever() -> None:
    page = html(
        '<div class="pagination">Showing 1-1 of 2 <a class="prev-next-page" title="Next page">&gt;</a></div>'
        '<span class="thumb_wrapper"><a href="/image/7/view/"><img class="thumb confirmed" alt="a"/></a></span>'
    )
    clock = Clock()
    site = Site(Http("https://coralnet.test", clock, lambda *_: (200, [], page)), WebRate(clock, 4.0))
    with pytest.raises(ServiceError, match="order of their ids"):
        crawl(site, SOURCE)


def failing(reef: Reef, *failures: int) -> tuple[Site, list[int]]:
    """A site whose requests of these numbers end with a 502, and the numbers of all requests."""
    clock, asked = Clock(), list[int]()

    def handle(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        asked.append(len(asked) + 1)
        return (502, [], b"Bad gateway") if asked[-1] in failures else reef.handle(method, url, headers, body)

    return Site(Http("https://coralnet.test", clock, handle), WebRate(clock, 4.0)), asked


def test_a_page_that_fails_is_asked_for_again_and_each_page_has_its_own_tries() -> None:
    reef = Reef({number: f"{number}.jpg" for number in range(1, 61)})
    site, asked = failing(reef, 2, 3, 4, 5, 7)
    slept: list[float] = []
    told: list[str] = []
    found = crawl(site, SOURCE, patience=Patience(slept.append, told.append))
    assert [image.image_id for image in found] == list(range(1, 61))
    assert len(asked) == 3 + 5
    assert slept == [2.0, 4.0, 8.0, 16.0, 2.0]
    assert told[1] == "https://coralnet.test: HTTP 502: asking again in 4 s"


def test_a_page_that_fails_five_times_ends_the_crawl() -> None:
    site, asked = failing(Reef({1: "a"}), 1, 2, 3, 4, 5)
    slept: list[float] = []
    with pytest.raises(ServiceError, match="HTTP 502"):
        crawl(site, SOURCE, patience=Patience(slept.append, lambda _: None))
    assert (len(asked), slept) == (5, [2.0, 4.0, 8.0, 16.0])


def test_a_source_that_is_not_there_is_not_asked_for_again() -> None:
    slept: list[float] = []
    clock = Clock()
    gone = html("Page could not be found.")
    site = Site(Http("https://coralnet.test", clock, lambda *_: (404, [], gone)), WebRate(clock, 4.0))
    with pytest.raises(UsageError, match="does not exist"):
        crawl(site, SOURCE, patience=Patience(slept.append, lambda _: None))
    assert slept == []


def test_a_search_that_the_service_refuses_is_the_surveys_error() -> None:
    clock = Clock()
    page = html("<p>Search parameters were invalid.</p>")
    site = Site(Http("https://coralnet.test", clock, lambda *_: (200, [], page)), WebRate(clock, 4.0))
    with pytest.raises(UsageError) as caught:
        crawl(site, SOURCE)
    assert "search" in caught.value.remedy


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
