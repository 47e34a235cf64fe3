"""Where corrected cover is not told by what is asked for, it is said, with what it takes."""

from __future__ import annotations

import pytest

from coralrun.accuracy.corrected_text import not_told_by
from coralrun.spec.model import Design

DESIGN = Design(unit="plot", levels=("reef", "plot", "image"), strata_field="zone", occasion="season")
ALONE = ", of the whole survey and of each `season` and of each `zone` alone: "


@pytest.mark.parametrize("by", [(), ("zone",), ("season",), ("season", "zone")])
def test_it_is_told_by_the_strata_and_the_occasion(by: tuple[str, ...]) -> None:
    assert not_told_by(by, DESIGN, "season") == ""


@pytest.mark.parametrize(
    ("by", "takes"),
    [
        (("season", "reef"), "by `reef` it takes `design: {strata: {field: reef}}` and `coralrun apply`"),
        (("plot",), "by `plot` it takes `design: {strata: {field: plot}}`, a `unit` within it and `coralrun apply`"),
        (("zone", "reef"), "no design has it by several fields at once"),
    ],
)
def test_by_any_other_field_it_takes_strata_with_units_within_them(by: tuple[str, ...], takes: str) -> None:
    assert not_told_by(by, DESIGN, "season") == ALONE + takes
