"""Which units of work a plan names, on disk and in the digest that commits it."""

from __future__ import annotations

import re

import pytest

from coralrun.errors import RunDamaged
from coralrun.machine import units
from coralrun.machine.facts import Planned

RUNS = ((3, 4), (0, 1), (5, 5))


def test_the_units_of_a_plan_are_read_as_they_were_written() -> None:
    assert units.decode(units.encode(RUNS), name="units.json") == RUNS


@pytest.mark.parametrize("damage", [b"", b"{}", b"[", units.encode(RUNS).replace(b"units", b"other")])
def test_a_file_that_holds_no_units_is_named(damage: bytes) -> None:
    with pytest.raises(RunDamaged, match=r"^units\.json: damaged"):
        units.decode(damage, name="units.json")


def test_units_by_their_numbers_are_as_few_runs_as_there_can_be() -> None:
    assert units.ascending(RUNS) == ((0, 1), (3, 5))
    assert units.count(RUNS) == 5


def test_the_digest_of_a_plan_covers_its_header_and_its_units() -> None:
    digests = {units.plan_digest(header, units.encode(runs)) for header in "ab" for runs in (RUNS, RUNS[:1])}
    assert len(digests) == 4


@pytest.mark.parametrize("runs", [((0, 3),), ((1, 1), (0, 0)), ((0, 1), (1, 2)), ((1, 0),)])
def test_a_plan_names_units_that_the_run_knows_in_ascending_runs(runs: tuple[tuple[int, int], ...]) -> None:
    for named, anew in ((runs, ()), (((0, 2),), runs)):
        with pytest.raises(ValueError, match=re.escape("runs that do not ascend, or go too far")):
            Planned("2026-01-01T00:00:00Z", 1, "0" * 64, 3, named, anew)
