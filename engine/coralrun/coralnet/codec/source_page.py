"""A source's main page, read into data: its classifiers, the one that it was set to use, and how many images it has.

Rule: as in `pages`: pure, what a person wrote is only ever read as text, and a page that is not what protocol section 8
and its corrections describe raises `NotUnderstood`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from coralrun.coralnet.codec.html import attribute, number, own_words, parse, words
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.planning.model import Classifier

_PLOT_CHARS = 1_000_000  # some 8,000 classifiers: far above any source, far below what a parser chokes on
_PLOT = re.compile(r"^[ \t]*let classifierPlotData = (\[.*\]);[ \t\r]*$", re.MULTILINE)
_IN_USE = re.compile(r"Active classifier: ([0-9]{1,12}), from (this source\b)?")
_LATEST = re.compile(r"\(latest: ([0-9]{1,12}), trained [^()]+\)$")
_SOURCE_PATH = re.compile(r"/source/([0-9]{1,12})/")


@dataclass(frozen=True, slots=True)
class InUse:
    """The classifier that a source was set to use, and whose it is: another source's, or its own.

    `latest` is the newest of that source, where it is another one.
    """

    classifier: str
    source: int
    latest: str | None = None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A source: its accepted classifiers, oldest first, and how many images it has (None if the page hides it).

    A source that was set to use one classifier (`in_use`) lists none. `is_public` is None where the page does not say.
    """

    name: str
    classifiers: tuple[Classifier, ...]
    in_use: InUse | None
    images: int | None
    is_public: bool | None = None


def read_source(html: bytes, source: int) -> SourcePage:
    """A source's main page."""
    page = parse(html)
    heading = page.css_first(f'h2 a[href="/source/{source}/"]')
    if heading is None:
        raise NotUnderstood("source page: no heading")
    return SourcePage(
        name=heading.text().strip(),
        classifiers=_classifiers(page, source),
        in_use=_in_use(page, source),
        images=_total_images(page),
        is_public=_is_public(page),
    )


def _classifiers(page: LexborHTMLParser, source: int) -> tuple[Classifier, ...]:
    """The plot's data is a Python literal, not JSON (protocol 8)."""
    for script in page.css("script"):
        match = _PLOT.search(script.text())
        if match is None:
            continue
        if len(match[1]) > _PLOT_CHARS:
            raise NotUnderstood("source page: classifierPlotData is too long")
        try:
            rows = ast.literal_eval(match[1])
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise NotUnderstood("source page: classifierPlotData") from error
        return tuple(_classifier(row, source) for row in rows)
    return ()


def _classifier(row: Any, source: int) -> Classifier:
    try:
        number, accuracy, date, images = row["pk"], row["y"], row["date"], row["nimages"]
    except (KeyError, TypeError, IndexError) as error:
        raise NotUnderstood("source page: classifierPlotData") from error
    if not isinstance(number, str) or not re.fullmatch(r"[0-9]{1,12}", number):
        raise NotUnderstood("source page: classifierPlotData/pk")
    if type(accuracy) is not int or type(images) is not int or not isinstance(date, str):
        raise NotUnderstood("source page: classifierPlotData")
    return Classifier(id=str(int(number)), source=source, accuracy=accuracy, date=date, images=images)


def _in_use(page: LexborHTMLParser, source: int) -> InUse | None:
    """The line about the classifier in use: another source's is a link to it (protocol, corrections)."""
    for node in page.css("li"):
        said = own_words(node)  # its own words: lists may be nested without end
        match = _IN_USE.match(said)
        if match is None:
            continue
        link = _SOURCE_PATH.fullmatch(attribute(node.css_first("a"), "href"))
        if link is None and match[2] is None:
            continue
        latest = _LATEST.search(said)
        return InUse(str(int(match[1])), int(link[1]) if link else source, str(int(latest[1])) if latest else None)
    return None


def _is_public(page: LexborHTMLParser) -> bool | None:
    for node in page.css("ul.flexible-details > li"):
        match = re.fullmatch(r"Visibility: (Public|Private)", words(node))
        if match is not None:
            return match[1] == "Public"
    return None


def _total_images(page: LexborHTMLParser) -> int | None:
    for row in page.css("table.detail_box_table tr"):
        if row.css_first("table") is not None:
            continue  # not a line of the box, and to read tables in tables over and over would take for ever
        match = re.fullmatch(r"Total images: ([0-9,]{1,15})", words(row))
        if match is not None:
            return number(match[1])
    return None
