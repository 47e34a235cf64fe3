"""A judgement as people read it: what rests on few points is named, and agreement has its interval."""

from __future__ import annotations

from tests.unit.accuracy.audited_reef import SITE, machine_says, plan_of
from tests.unit.results.finished_runs import label_id

from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import accuracy
from coralrun.accuracy.text import grouping_lines
from coralrun.estimates.placed import placed
from coralrun.review.labels import Label


def lines(people: str, machine: str, sites: int = 2) -> list[str]:
    """What is said of some sites with these labels each."""
    plan = plan_of([(str(site),) for site in range(sites)], ("site",), SITE, 20)
    pairs = [
        Pair(image, Label(label_id(code), code), machine_says(said))
        for image in range(sites)
        for code, said in zip(people, machine, strict=True)
    ]
    (found,) = accuracy(pairs, None, placed(plan, SITE), SITE)
    return list(grouping_lines(found, "site", "  IN-SAMPLE"))


def test_a_class_of_few_points_is_named_with_how_many_there_are() -> None:
    said = lines("A" * 15 + "B" * 4 + "C", "A" * 15 + "B" * 3 + "CC")
    assert "    fewer than 10 points of B (8), C (4): what is said of these is mostly chance" in said
    assert not any("mostly chance" in line for line in lines("A" * 10 + "B" * 10, "A" * 10 + "B" * 10))


def test_agreement_has_its_interval_and_the_stamp() -> None:
    (agreed,) = (line for line in lines("A" * 15 + "B" * 5, "A" * 16 + "B" * 4) if "agreement" in line)
    assert agreed.startswith("  agreement (overall accuracy) 95.0% (")
    assert agreed.endswith("), weighed as the bias  IN-SAMPLE")


def test_that_limits_are_wide_by_few_units_is_said_where_these_are_few() -> None:
    said = "    {} units alone: limits are wide with fewer than 5, however little these differ"
    assert said.format(4) in lines("A" * 15 + "B" * 5, "A" * 16 + "B" * 4, 4)
    assert not any("limits are wide" in line for line in lines("A" * 15 + "B" * 5, "A" * 16 + "B" * 4, 5))
