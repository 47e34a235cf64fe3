"""The report in a real browser: it says nothing to the console, asks for nothing, and fits any screen."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.browser.chromium import ABSENT, BROWSER, DRIVER, Browser, chromium
from tests.unit.report.samples import HOSTILE, whole

from coralrun.report.render import render

pytestmark = pytest.mark.skipif(DRIVER is None or BROWSER is None, reason=ABSENT)

PDF_TO_TEXT = shutil.which("pdftotext")
WIDTHS = {"wide": 1280, "narrow": 390}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A report in which every name and label tries to be a script."""
    path = tmp_path / "report.html"
    path.write_bytes(render(whole(name=HOSTILE, word=HOSTILE)))
    return path


def test_a_report_asks_for_nothing_says_nothing_and_shows_hostile_texts_as_they_are(
    browser: Browser, hostile: Path
) -> None:
    browser.open(hostile, width=WIDTHS["wide"])
    assert browser.ask("document.querySelector('h1').textContent") == HOSTILE
    assert browser.ask("document.scripts.length") == 0
    assert browser.said() == []
    assert [url for url in browser.asked_for() if not url.startswith("data:")] == [hostile.resolve().as_uri()]
    assert browser.ask("[...document.images].every(image => image.naturalWidth > 0)")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_report_fits_its_screen_and_follows_its_colours(browser: Browser, tmp_path: Path, width: int) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(render(whole()))
    grounds = []
    for dark in (False, True):
        browser.open(path, width=width, dark=dark)
        assert browser.ask("document.documentElement.scrollWidth") == width
        shown = Image.open(io.BytesIO(browser.picture())).convert("RGB")
        assert shown.width == width
        assert len(shown.getcolors(shown.width * shown.height) or []) > 50  # not a blank page
        grounds.append(shown.getpixel((2, 2)))
    light, dark_ground = grounds
    assert isinstance(light, tuple)
    assert isinstance(dark_ground, tuple)
    assert min(light) > 200 > 60 > max(dark_ground)


OUTSIDE = """[...document.querySelectorAll('.value, .name')].filter(number => {
  const text = document.createRange();
  text.selectNodeContents(number);
  return text.getBoundingClientRect().right > number.getBoundingClientRect().right + .5;
}).map(number => number.textContent)"""
LINES = """[...document.querySelectorAll('.panel .value, .answer .value')].map(
  number => Math.round(number.getBoundingClientRect().height / parseFloat(getComputedStyle(number).lineHeight)))"""


@pytest.mark.parametrize("width", [*WIDTHS.values(), 720, 360])
def test_the_numbers_of_a_chart_stay_in_their_column_and_on_one_line(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    """Also those of a group that nobody has seen, of which so little is known that the limit is long."""
    given = whole().cover
    assert given is not None
    unseen = replace(given.overall[-1], high=0.56)
    strata = (*given.strata, *(replace(unseen, place=stratum, stratum=stratum) for stratum in ("inner", "outer")))
    path = tmp_path / "report.html"
    path.write_bytes(
        render(replace(whole(), cover=replace(given, overall=(*given.overall[:-1], unseen), strata=strata)))
    )
    browser.open(path, width=width)
    assert browser.ask("document.querySelectorAll('.panel .value b.none').length") == 2
    assert browser.ask(OUTSIDE) == []
    assert set(browser.ask(LINES)) == {1}


@pytest.mark.skipif(PDF_TO_TEXT is None, reason="pdftotext (poppler) is not installed")
def test_a_printed_report_is_stamped_on_each_page_and_leaves_nothing_folded(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(render(replace(whole(), caution="NOT REAL: this reef is drawn.")))
    browser.open(path, width=WIDTHS["wide"])
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(browser.printed())
    text = subprocess.run([str(PDF_TO_TEXT), "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    *pages, end = text.split("\f")
    assert not end and len(pages) > 1
    assert all(
        "NOT REAL" in page and f"{number}/{len(pages)}" in page.replace(" ", "") for number, page in enumerate(pages, 1)
    )
    assert "cover, %" in text, "what a click unfolds on a screen"
