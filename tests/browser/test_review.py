"""The page of a review in a real browser: it loads nothing, and gives back the table that the import takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.chromium import ABSENT, BROWSER, DRIVER, Browser, chromium
from tests.unit.review.review_pages import made

from coralrun.sources.labelled_file import read_labelled

pytestmark = pytest.mark.skipif(DRIVER is None or BROWSER is None, reason=ABSENT)

HOSTILE = """</script><script>document.title='run'</script>"><img src=x onerror="document.title='run'">, 'é'"""

TYPE = """(() => {
  const inputs = [...document.querySelectorAll(".label")];
  document.getElementById("annotator").value = "Anna, M.";
  inputs[0].value = 'Porit "a"'; inputs[3].value = "porit";
  inputs[0].dispatchEvent(new Event("input", { bubbles: true }));
  return document.getElementById("done").value;
})()"""

SAID = "audit: 1 of 3 labelled, 1 with a label unknown here; triage: 1 of 1 labelled"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_is_kept(browser: Browser) -> Iterator[None]:
    """What a browser keeps of a page is not there for the next test."""
    yield
    browser.ask("localStorage.clear()")


def test_what_is_typed_into_the_page_is_what_the_import_reads(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "review.html"
    path.write_bytes(made(name=HOSTILE))
    browser.open(path, width=1280)

    assert browser.ask(TYPE) == SAID
    rows = read_labelled("review.csv", browser.ask("window.reviewTable()").encode())

    assert [(row.name, row.row, row.column, row.point, row.label_code, row.annotator) for row in rows] == [
        (HOSTILE, 7, 1, 1, 'Porit "a"', "Anna, M."),
        (HOSTILE, 7, 2, 2, "", ""),
        ("gone.jpg", 7, 3, 3, "", ""),
        (HOSTILE, 7, 4, 4, "porit", "Anna, M."),
    ]
    assert rows[0].date.count("-") == 2


def test_the_page_asks_for_nothing_says_nothing_and_runs_no_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_bytes(made(name=HOSTILE, code=HOSTILE))
    browser.said()
    browser.asked_for()
    browser.open(path, width=390)
    assert browser.ask("document.title") == f"{HOSTILE}: review"
    assert browser.said() == []
    assert [url for url in browser.asked_for() if not url.startswith("data:")] == [path.resolve().as_uri()]
    assert browser.ask("[...document.images].every(image => image.naturalWidth > 0)")
    assert browser.ask("document.documentElement.scrollWidth") == 390


def test_a_saved_table_is_named_with_what_to_do_and_what_it_lacks(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "review.html"
    path.write_bytes(made())
    browser.open(path, width=1280)
    name = browser.ask("document.body.dataset.file")
    lacks = "It does not say who labelled: give your name, and save it again. "
    said = f"Saved as {name} where your browser keeps downloads. {{}}It is taken back with: coralrun review import"
    save = "(document.getElementById('save').click(), document.getElementById('saved').innerText)"
    assert browser.ask(save) == f"{said.format(lacks)} RUN {name}"
    browser.ask(TYPE)
    assert browser.ask("document.getElementById('saved').hidden"), "it is not what is on the page any more"
    assert browser.ask(save) == f"{said.format('')} RUN {name}"


def test_enter_goes_on_to_the_next_label(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "keys.html"
    path.write_bytes(made())
    browser.open(path, width=1280)
    browser.ask("document.querySelector('.label').focus()")
    for _ in range(2):
        browser.cdp("Input.insertText", text="Sand")
        browser.cdp("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    typed = browser.ask("[...document.querySelectorAll('.label')].map(input => input.value)")
    assert typed == ["Sand", "Sand", "", ""]


def test_what_was_typed_is_there_again_after_the_page_was_closed(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "draft.html"
    path.write_bytes(made())
    browser.open(path, width=1280)
    browser.ask(TYPE)
    browser.open(path, width=1280)
    assert browser.ask("document.getElementById('done').value") == SAID


def test_the_audit_stands_apart_from_the_triage_and_unknown_labels_are_marked(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "sets.html"
    path.write_bytes(made())
    browser.open(path, width=1280)
    browser.ask(TYPE)
    points = "[...document.querySelectorAll('{}')].map(item => item.querySelector('label').textContent.trim()[6])"
    assert browser.ask(points.format(".audit li")) == ["1", "2", "3"]
    assert browser.ask(points.format(".audit + .triage li")) == ["4"]
    assert browser.ask(points.format("li:has(.unknown:not([hidden]))")) == ["1"]


def test_a_click_enlarges_what_is_around_a_point_and_another_takes_it_back(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "zoom.html"
    path.write_bytes(made())
    browser.open(path, width=1280)
    click = (
        "(b => (b.click(), b.querySelector('img').getBoundingClientRect().width))(document.querySelector('li .zoom'))"
    )
    usual, large, again = (browser.ask(click.replace("b.click(), ", "")), browser.ask(click), browser.ask(click))
    assert large > 2 * usual and again == usual
