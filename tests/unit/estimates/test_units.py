"""What the design units of a survey are called."""

from __future__ import annotations

import pytest

from coralrun.estimates.units import describe_units
from coralrun.spec.model import Design


@pytest.mark.parametrize(
    ("design", "told"),
    [
        (Design(), "image"),
        (Design(unit="image"), "image"),
        (Design(unit="site"), "site"),
        (Design(unit="transect", levels=("site", "transect", "image")), "site / transect"),
        (Design(unit="site", strata_field="depth"), "site in each depth"),
    ],
)
def test_a_designs_units_are_told_by_the_strata_and_all_levels_above(design: Design, told: str) -> None:
    assert describe_units(design) == told
