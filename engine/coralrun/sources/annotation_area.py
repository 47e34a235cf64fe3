"""An image's annotation area as CoralNet writes it, for tables that give each image its own.

Rule: three forms and no other. `X: 5 - 95% / Y: 5 - 95%` is what CoralNet shows and exports, `5;95;5;95` what it keeps
for percent and `100,900,50,700` for pixels (first and last column, first and last row, both included; protocol notes,
annotation area).
"""

from __future__ import annotations

import re

from coralrun.spec.point_design import AnnotationArea, AreaUnit

_NUMBER = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)"
_FORMS = (
    (AreaUnit.PERCENT, re.compile(rf"X: {_NUMBER} ?- ?{_NUMBER} ?% ?/ ?Y: {_NUMBER} ?- ?{_NUMBER} ?%", re.IGNORECASE)),
    (AreaUnit.PERCENT, re.compile(";".join([_NUMBER] * 4))),
    (AreaUnit.PIXELS, re.compile(",".join([r"([0-9]{1,6})"] * 4))),
)
_PERCENT_MOST = 100


class NotAnArea(Exception):
    """A text is not an annotation area; the message says what one looks like."""


def read_area(text: str) -> AnnotationArea:
    """The area that a text describes; raises NotAnArea."""
    for unit, form in _FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        first_x, last_x, first_y, last_y = (float(number) for number in found.groups())
        if first_x > last_x or first_y > last_y:
            raise NotAnArea("the annotation area ends before it begins")
        if unit is AreaUnit.PERCENT and max(last_x, last_y) > _PERCENT_MOST:
            raise NotAnArea("the annotation area goes beyond 100 %")
        return AnnotationArea(unit=unit, x=(first_x, last_x), y=(first_y, last_y))
    raise NotAnArea(
        "the annotation area is not one that CoralNet writes: `X: 5 - 95% / Y: 5 - 95%`, `5;95;5;95` in percent, "
        "or `100,900,50,700` in pixels"
    )
