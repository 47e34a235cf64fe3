"""Pages that everybody can read: axe finds nothing serious in a report or in a page of a review, light or dark.

Source: axe-core's rules, which are those of WCAG 2 at levels A and AA; `make browser` installs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.browser.chromium import ABSENT, BROWSER, DRIVER, Browser, chromium
from tests.docs.markdown import ROOT
from tests.unit.report.samples import whole
from tests.unit.review.review_pages import made

from coralrun.report.render import render

AXE = ROOT / ".node" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}

pytestmark = [
    pytest.mark.skipif(DRIVER is None or BROWSER is None, reason=ABSENT),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `make browser` installs it"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("page", [lambda: render(whole()), made], ids=["report", "review"])
def test_axe_finds_nothing_serious(
    browser: Browser, tmp_path: Path, page: Callable[[], bytes], width: int, dark: bool
) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(page())
    assert wrong_on(browser, path, width, dark=dark) == []


def test_axe_finds_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html lang='en'><title>a</title><main><h1>a</h1><img src='data:,'></main></html>", encoding="utf-8"
    )
    assert [rule for _, rule, _ in wrong_on(browser, path, 1200)] == ["image-alt"]


def wrong_on(browser: Browser, path: Path, width: int, *, dark: bool = False) -> list[list[str]]:
    """What axe finds serious on a page: how much, the rule, the elements."""
    browser.open(path, width=width, dark=dark)
    browser.cdp("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    found = browser.cdp(
        "Runtime.evaluate",
        expression="axe.run().then(found => found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]))",
        awaitPromise=True,
        returnByValue=True,
    )
    return [violation for violation in found["result"]["value"] if violation[0] in SERIOUS]
