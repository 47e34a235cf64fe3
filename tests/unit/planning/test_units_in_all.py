"""Of how many units those of a survey were drawn, held against the plan's units."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun.errors import InvalidInput
from coralrun.planning.images import PlannedImage
from coralrun.planning.units_in_all import check_units_in_all
from coralrun.spec.model import Design
from coralrun.spec.wording import Wording


def check(in_all: int | dict[str, int], *known: tuple[str, str], strata: bool = True) -> None:
    images = tuple(
        PlannedImage(key=f"{index}", source="s", name=f"{index}.jpg", points=1, metadata=row)
        for index, row in enumerate(known)
    )
    design = Design(unit="site", strata_field="depth" if strata else None, units_in_all=in_all)
    check_units_in_all(
        design, replace(PLAN, images=images, fields=("site", "depth")), ("lagoon",), Wording("survey.yaml")
    )


CROSSED = (("A", "5m"), ("A", "10m"), ("B", "5m"), ("B", "10m"), ("C", "5m"))
NESTED = (("A", "5m"), ("B", "5m"), ("C", "10m"), ("D", "10m"), ("", "10m"), ("E", ""))


def test_as_many_units_as_there_are_may_have_been_drawn() -> None:
    check(3, *CROSSED)
    check(5, *NESTED, strata=False)
    check({"5m": 2, "10m": 9, "lagoon": 4}, *NESTED)


def test_fewer_units_than_the_plan_has_are_refused() -> None:
    with pytest.raises(InvalidInput, match="`units_in_all` is 2, and the plan has 3 units "):
        check(2, *CROSSED)


def test_strata_that_share_no_unit_need_a_number_each() -> None:
    with pytest.raises(InvalidInput, match="strata that share no `site` have one each"):
        check(44, *NESTED)


def test_units_that_lie_in_several_strata_have_one_number() -> None:
    with pytest.raises(InvalidInput, match="the site `A` lies in `10m` and `5m`: give one number, of all units"):
        check({"5m": 4, "10m": 4}, *CROSSED)


def test_every_stratum_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        check({"5m": 1, "10": 4}, *NESTED)
    assert str(refused.value) == (
        "survey.yaml: `units_in_all` has no number for the depth `10m` (2 units)\n"
        "survey.yaml: `units_in_all` is 1 for `5m`, and the plan has 2 units there\n"
        "survey.yaml: no image is in the depth `10` of `units_in_all`; did you mean `10m`?"
    )
