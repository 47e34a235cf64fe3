"""The search form of a browse page: which auxiliary fields a source offers, under which labels, with which values.

Rule: as in `pages`: pure, and what a person wrote is only ever read as text.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from coralrun.coralnet.html import attribute, parse, words
from coralrun.coralnet.search import AUX_FIELDS, NONE, OfferedField

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,50}")


def read_search_form(html: bytes) -> tuple[OfferedField, ...]:
    """The auxiliary fields of a browse page's search form; a field without any value is not offered (protocol 9)."""
    page = parse(html)
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


def _safe_id(control: LexborNode) -> str:
    """The id of a form's control, or one that no element has where it is no plain word."""
    found = attribute(control, "id")
    return found if _PLAIN_ID.fullmatch(found) else "-"
