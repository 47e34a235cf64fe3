"""Which units of work a plan names, on disk and in the digest that commits it."""

from __future__ import annotations

import re

import pytest

from coralrun.errors import RunDamaged
from coralrun.machine import units
from coralrun.machine.facts import Planned
from coralrun.machine.units import PlanUnits

RUNS = ((3, 4), (0, 1), (5, 5))


def test_the_units_of_a_plan_are_read_as_they_were_written() -> None:
    assert units.decode(units.encode(RUNS), name="units.json") == RUNS


@pytest.mark.parametrize("damage", [b"", b"{}", b"[", units.encode(RUNS).replace(b"units", b"other")])
def test_a_file_that_holds_no_units_is_named(damage: bytes) -> None:
    with pytest.raises(RunDamaged, match=r"^units\.json: damaged"):
        units.decode(damage, name="units.json")


def test_units_by_their_numbers_are_as_few_runs_as_there_can_be() -> None:
    assert units.ascending(RUNS) == ((0, 1), (3, 5))


def test_the_digest_of_a_plan_covers_its_header_and_its_units() -> None:
    digests = {units.plan_digest(header, units.encode(runs)) for header in "ab" for runs in (RUNS, RUNS[:1])}
    assert len(digests) == 4


@pytest.mark.parametrize("runs", [((0, 3),), ((1, 1), (0, 0)), ((0, 1), (1, 2)), ((1, 0),)])
def test_a_plan_names_units_that_the_run_knows_in_ascending_runs(runs: tuple[tuple[int, int], ...]) -> None:
    for named, anew in ((runs, ()), (((0, 2),), runs)):
        with pytest.raises(ValueError, match=re.escape("runs that do not ascend, or go too far")):
            Planned("2026-01-01T00:00:00Z", 1, "0" * 64, 3, named, anew)


def test_an_image_and_its_unit_are_found_from_each_other() -> None:
    of_plan = PlanUnits(RUNS)
    assert len(of_plan) == 5
    assert list(of_plan.unit_of) == [3, 4, 0, 1, 5]
    assert [of_plan.image_of(unit) for unit in (0, 1, 3, 4, 5)] == [2, 3, 0, 1, 4]
    assert not of_plan.in_order


@pytest.mark.parametrize("runs", [RUNS, ((0, 4),), ()])
def test_a_unit_that_a_plan_does_not_name_has_no_image(runs: tuple[tuple[int, int], ...]) -> None:
    of_plan = PlanUnits(runs)
    assert list(of_plan.images((99, 6))) == []
    with pytest.raises(ValueError, match="the plan does not name unit 6"):
        of_plan.image_of(6)


def test_a_withdrawn_unit_among_others_has_no_image() -> None:
    assert list(PlanUnits(RUNS).images((5, 2, 0))) == [4, 2]


def test_what_is_known_by_image_is_put_in_the_order_of_units() -> None:
    assert PlanUnits(((2, 2), (0, 1))).by_unit("abc", "-") == ["b", "c", "a"]
    assert PlanUnits(((0, 2),)).by_unit("abc", "-") == "abc"
    assert PlanUnits(RUNS).by_unit("abcde", "-") == ["c", "d", "-", "a", "b", "e"]


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        (((0, 1), (1, 2)), "a unit stands for two images"),
        (((2, 1), (0, 0)), "a run of units that ends before it begins"),
    ],
)
def test_units_that_no_plan_can_name_are_refused(runs: tuple[tuple[int, int], ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PlanUnits(runs)
