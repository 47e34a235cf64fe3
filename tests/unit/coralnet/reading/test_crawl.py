"""The images of a CoralNet source, crawled by key whatever comes and goes meanwhile, in one walk or in several."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.coralnet.reef_pages import PAGE_IMAGES, SOURCE, Clock, Raw, Reef, failing, html, site_of

from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.reading.crawl import crawl
from coralrun.coralnet.reading.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.planning.images import FoundImage
from coralrun.sources.patience import Patience
from coralrun.spec.image_search import PhotoDate, Search
from coralrun.spec.model import CoralNetSource


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
    with pytest.raises(UsageError) as caught:
        crawl(site, SOURCE, patience=Patience(slept.append, lambda _: None))
    assert str(caught.value) == "source 1 does not exist at https://coralnet.test"
    assert (
        caught.value.remedy
        == "Correct the number where you gave it; it stands in the address of the source's page, /source/N/."
    )
    assert slept == []


def test_a_search_that_the_service_refuses_is_the_surveys_error() -> None:
    clock = Clock()
    page = html("<p>Search parameters were invalid.</p>")
    site = Site(Http("https://coralnet.test", clock, lambda *_: (200, [], page)), WebRate(clock, 4.0))
    with pytest.raises(UsageError) as caught:
        crawl(site, SOURCE)
    assert str(caught.value) == "CoralNet refuses the search of source 1"
    assert caught.value.remedy == "Correct `search` in the survey."


@pytest.mark.parametrize("ids", [range(7, 3007, 3), [*range(1, 500), *range(900_000, 900_501)]])
def test_several_walks_at_a_time_find_what_one_finds_in_the_same_order(ids: list[int]) -> None:
    reef = Reef({number: f"{number}.jpg" for number in ids})
    seen: list[tuple[int, int]] = []
    found = crawl(site_of(reef), SOURCE, lambda done, total: seen.append((done, total)), workers=4)
    assert [image.image_id for image in found] == list(ids)
    assert max(seen) == (1000, 1000)
    assert reef.pages <= -(-1000 // PAGE_IMAGES) + 1 + 16  # the last id, and a page that is not full for each range


def test_images_added_while_several_walks_go_on_are_found_and_none_twice() -> None:
    def meanwhile(images: dict[int, str], page: int) -> None:
        images[5000 + page] = "new.jpg"

    found = crawl(site_of(Reef(dict.fromkeys(range(1, 1001), "a"), meanwhile)), SOURCE, workers=4)
    ids = [image.image_id for image in found]
    assert set(range(1, 1001)) <= set(ids)
    assert any((number or 0) > 5000 for number in ids)
    assert ids == sorted(set(ids), key=lambda number: number or 0)


def test_a_walk_that_fails_ends_them_all() -> None:
    site, _ = failing(Reef(dict.fromkeys(range(1, 1001), "a")), *range(20, 200))
    with pytest.raises(ServiceError, match="HTTP 502"):
        crawl(site, SOURCE, workers=4)


def test_a_short_crawl_is_one_walk() -> None:
    reef = Reef(dict.fromkeys(range(1, 200), "a"))
    crawl(site_of(reef), SOURCE, workers=4)
    assert reef.pages == 10


def test_a_list_of_image_numbers_is_asked_for_in_hundreds_and_a_range_is_kept_to() -> None:
    queries: list[dict[str, str]] = []
    reef = Reef({number: f"{number}.jpg" for number in range(1, 301)})

    def handle(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        queries.append(dict(parse_qsl(urlsplit(url).query)))
        return reef.handle(method, url, headers, body)

    site = Site(Http("https://coralnet.test", Clock(), handle), WebRate(Clock(), 4.0))
    crawl(site, CoralNetSource(source=1, search=Search(image_ids=tuple(range(1, 102)))))
    listed = [query["image_id_list"].split("_") for query in queries]
    assert {len(ids) for ids in listed} == {100, 1}
    assert queries[-1]["image_id_range"] == "101_101"
    found = crawl(site, CoralNetSource(source=1, search=Search(image_id_range=(30, 70))))
    assert [image.image_id for image in found] == list(range(30, 71))


YEARS = '<option value="">---</option><option value="2008">2008</option><option value="2009">2009</option></select>'
FORM = (
    '<form><div class="field-and-label-wrapper">\n Site: <select name="aux1" id="id_aux1"><option value="">Any</option>'
    '<option value="North">North</option><option value="South">South</option><option value="(none)">(None)</option>'
    '</select>\n</div><div class="field-and-label-wrapper">Habitat: <input type="text" name="aux3" id="id_aux3">'
    "<span> help: with a colon</span></div>"
    f'<select name="photo_date_1">{YEARS}<select name="last_annotated_1">{YEARS}'
    '<select name="last_annotator_1"><option value="">Any user</option><option value="17">ann</option></select></form>'
)


def searched(search: Search, form: str = FORM) -> list[dict[str, str]]:
    """The queries that a search comes to, the look at the form among them."""
    queries: list[dict[str, str]] = []

    def handle(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        queries.append(dict(parse_qsl(urlsplit(url).query)))
        return 200, [], html(form + "<p>No image results.</p>")

    site = Site(Http("https://coralnet.test", Clock(), handle), WebRate(Clock(), 4.0))
    crawl(site, CoralNetSource(source=1, search=search))
    return queries


def by(*fields: tuple[str, str]) -> Search:
    return Search(fields=dict(fields))


def test_fields_go_by_the_labels_of_the_source_in_any_case_or_by_number() -> None:
    query = searched(by(("site", "South"), ("AUX3", "reef crest")))[-1]
    assert (query["aux1"], query["aux3"]) == ("South", "reef crest")
    assert searched(by(("Habitat", "none")))[-1]["aux3"] == "(none)"


def test_a_field_goes_by_exact_label_then_any_case_then_number() -> None:
    wrapper = '<div class="field-and-label-wrapper">{}: <input type="text" name="aux{}"></div>'
    labels = ((1, "SITE"), (2, "Site"), (3, "aux1"), (4, "Stra\u00dfe"), (5, "Depth: m"))
    form = "".join(wrapper.format(label, number) for number, label in labels)

    def field_of(name: str) -> str:
        (found,) = {key for key in searched(by((name, "x")), form)[-1] if key.startswith("aux")}
        return found

    names = ("Site", "SITE", "site", "aux1", "aux2", "STRA\u00dfE", "depth: m")
    assert [field_of(name) for name in names] == ["aux2", "aux1", "aux1", "aux3", "aux2", "aux4", "aux5"]
    with pytest.raises(UsageError, match="cannot be searched by `STRASSE`"):
        searched(by(("STRASSE", "x")), form)


ANNOTATED_BY_17 = Search(last_annotator="annotation_tool", last_annotator_user=17)


@pytest.mark.parametrize(
    ("search", "asked"),
    [
        (Search(photo_date=PhotoDate(year=2009)), {"photo_date_0": "year", "photo_date_1": "2009"}),
        (Search(last_annotated=PhotoDate(year=2008)), {"last_annotated_0": "year", "last_annotated_1": "2008"}),
        (ANNOTATED_BY_17, {"last_annotator_0": "annotation_tool", "last_annotator_1": "17"}),
    ],
)
def test_years_and_annotators_that_the_source_offers_are_searched_for(search: Search, asked: dict[str, str]) -> None:
    for form in (FORM, ""):  # a form that does not say what it offers holds nothing against a search
        form_query, query = searched(search, form)
        assert form_query == {}
        assert asked.items() <= query.items()


def test_a_search_that_every_source_offers_costs_no_look_at_the_form() -> None:
    assert len(searched(Search(image_name="a", photo_date=PhotoDate(first="2008-01-01", last="2008-12-31")))) == 1


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (
            by(("site", "south")),
            "`search.fields.site`: no image of source 1 has the value `south`; did you mean `South`? "
            "there are `North`, `South`",
        ),
        (by(("Site", "x")), "`search.fields.Site`: no image of source 1 has the value `x`; there are `North`, `South`"),
        (
            by(("Depth", "3")),
            "`search.fields`: source 1 cannot be searched by `Depth`; it offers `Site`, `Habitat`",
        ),
        (by(("aux2", "3")), "`search.fields`: source 1 cannot be searched by `aux2`; it offers `Site`, `Habitat`"),
        (
            Search(photo_date=PhotoDate(year=1999)),
            "`search.photo_date.year`: 1999 finds no image; the photos of source 1 are of 2008, 2009",
        ),
        (
            Search(last_annotated=PhotoDate(year=1999)),
            "`search.last_annotated.year`: 1999 finds no image; source 1 offers 2008, 2009",
        ),
        (
            Search(last_annotator="annotation_tool", last_annotator_user=5),
            "`search.last_annotator_user`: user 5 is no admin or editor of source 1 now, and CoralNet searches by no "
            "others; they are 17 (ann)",
        ),
    ],
)
def test_what_the_source_does_not_offer_is_told_before_the_crawl(search: Search, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        searched(search)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (
            by(("Site", "North")),
            "`search.fields`: source 1 cannot be searched by `Site`; it offers no field at all: all five are blank",
        ),
        (
            Search(photo_date=PhotoDate(year=1999)),
            "`search.photo_date.year`: 1999 finds no image; the photos of source 1 are of no year at all: none has a "
            "date",
        ),
        (
            ANNOTATED_BY_17,
            "`search.last_annotator_user`: user 17 is no admin or editor of source 1 now, and CoralNet searches by no "
            "others",
        ),
    ],
)
def test_a_source_that_offers_nothing_says_so(search: Search, said: str) -> None:
    none = '<select name="photo_date_1"><option value="">---</option></select>'
    with pytest.raises(UsageError) as caught:
        searched(search, none + '<select name="last_annotator_1"><option value="">Any user</option></select>')
    assert str(caught.value) == said
