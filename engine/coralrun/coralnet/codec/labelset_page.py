"""A source's labelset, read from its page (upload, "Pages worth reading").

Rule: as in `pages`. A source without one has a page that says so.
"""

from __future__ import annotations

import re

from coralrun.coralnet.codec.html import attribute, parse, words
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.values.classified import Label

_LABEL_PATH = re.compile(r"/label/([0-9]{1,12})/")
_NONE = "No labelset"


def read_labelset(html: bytes) -> tuple[Label, ...]:
    """The labels, in the order of the page; none where there is no labelset."""
    page = parse(html)
    if words(page.css_first("head title")).startswith(_NONE):
        return ()
    if page.css_first("table#label-table") is None:
        raise NotUnderstood("labelset page: no table")
    labels = []
    for name in page.css("table#label-table td.name"):
        link, code = name.css_first("a"), name.next
        while code is not None and code.tag != "td":
            code = code.next
        path = _LABEL_PATH.fullmatch(attribute(link, "href"))
        if path is None or not words(code):
            raise NotUnderstood("labelset page: a label without number or code")
        labels.append(Label(int(path[1]), words(code), words(link)))
    return tuple(labels)
