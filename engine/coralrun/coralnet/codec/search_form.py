"""The search form of a browse page: which auxiliary fields, years and annotators a source offers.

Rule: as in `pages`: pure, and what a person wrote is only ever read as text. A control has no `<label for>`: its label
is the text before it, in a wrapper that the two share (protocol, corrections).
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coralrun.coralnet.codec.html import attribute, own_words, parse, words
from coralrun.coralnet.codec.search import AUX_FIELDS, NONE, OfferedField, SearchForm

_NUMBER = re.compile(r"[0-9]{1,12}")
_WRAPPER = "field-and-label-wrapper"


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
        label = _label(control) or f"aux{number}"
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


def _label(control: LexborNode) -> str:
    """The text before a control in its wrapper; "" where it stands in none."""
    wrapper = control.parent
    if wrapper is None or _WRAPPER not in attribute(wrapper, "class").split():
        return ""
    return own_words(wrapper).removesuffix(":").strip()
