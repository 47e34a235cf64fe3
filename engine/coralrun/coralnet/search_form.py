"""The search form of a browse page: which auxiliary fields, years and annotators a source offers.

Rule: as in `pages`: pure, and what a person wrote is only ever read as text.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coralrun.coralnet.html import attribute, parse, words
from coralrun.coralnet.search import AUX_FIELDS, NONE, OfferedField, SearchForm

_NUMBER = re.compile(r"[0-9]{1,12}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,50}")


def read_search_form(html: bytes) -> SearchForm:
    """What a browse page's search form offers; a field without any value is not offered (protocol 9)."""
    page = parse(html)
    annotators = _options(page, "last_annotator_1")
    return SearchForm(
        fields=_fields(page),
        photo_years=_years(page, "photo_date_1"),
        annotated_years=_years(page, "last_annotated_1"),
        annotators=None
        if annotators is None
        else tuple((int(n), who) for n, who in annotators if _NUMBER.fullmatch(n)),
    )


def _fields(page: LexborHTMLParser) -> tuple[OfferedField, ...]:
    offered: list[OfferedField] = []
    for number in range(1, AUX_FIELDS + 1):
        control = page.css_first(f'select[name="aux{number}"], input[name="aux{number}"]')
        if control is None:
            continue
        label = words(page.css_first(f'label[for="{_safe_id(control)}"]')).removesuffix(":") or f"aux{number}"
        values = None
        if control.tag == "select":
            options = (attribute(option, "value") for option in control.css("option"))
            values = tuple(value for value in options if value not in ("", NONE))
        offered.append(OfferedField(number, label, values))
    return tuple(offered)


def _years(page: LexborHTMLParser, name: str) -> tuple[int, ...] | None:
    options = _options(page, name)
    return None if options is None else tuple(int(value) for value, _ in options if _NUMBER.fullmatch(value))


def _options(page: LexborHTMLParser, name: str) -> tuple[tuple[str, str], ...] | None:
    """The values of a list to choose from, each with what it shows; None where the form has no such list."""
    control = page.css_first(f'select[name="{name}"]')
    if control is None:
        return None
    return tuple((attribute(option, "value"), words(option)) for option in control.css("option"))


def _safe_id(control: LexborNode) -> str:
    """The id of a form's control, or one that no element has where it is no plain word."""
    found = attribute(control, "id")
    return found if _PLAIN_ID.fullmatch(found) else "-"
