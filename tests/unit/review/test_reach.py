"""An audit that can give no interval is known to be one before anybody labels it."""

from __future__ import annotations

from coralrun.review.audit import Candidate, draw_images, images_for_every_unit
from coralrun.review.reach import OutOfReach, Reached, out_of_reach, share_that_reaches
from coralrun.review.sets import Wanted

SITES = {n: (f"site {n // 8}", f"site {n // 8} / transect {n // 2}") for n in range(24)}
"""Three sites as strata, four transects in each, two photos in each of these."""


def test_strata_of_which_fewer_than_two_units_are_drawn_are_named() -> None:
    few = {"site 1": Reached(1, 4), "site 2": Reached(0, 4)}
    assert out_of_reach(SITES.items(), {0, 1, 2, 8, 9}) == OutOfReach(few, 2, 12 - 3)


def test_an_audit_of_few_units_of_a_stratum_gives_wide_intervals() -> None:
    short = out_of_reach(SITES.items(), {0, 2, 4, 6, 8, 10, 16, 18, 20, 22})
    assert short == OutOfReach({"site 1": Reached(2, 4)}, 5, 2)
    assert out_of_reach(SITES.items(), range(0, 24, 2)) is None
    one_site = [(n, ("", f"transect {n}")) for n in range(40)]
    assert out_of_reach(one_site, range(5)) is None
    assert out_of_reach(one_site, range(3)) == OutOfReach({"": Reached(3, 40)}, 5, 2)


def test_as_many_further_images_as_are_offered_reach_every_unit() -> None:
    images = [Candidate(image, "", unit) for image, (_, unit) in SITES.items()]
    first = [one.image for one in draw_images(images, Wanted(count=4), 1)]
    short = out_of_reach(SITES.items(), first)
    assert short is not None
    both = {one.image for one in draw_images(images, Wanted(count=short.further), 1, first)}
    assert {SITES[image] for image in both} == {*SITES.values()}


def test_as_many_images_as_are_said_reach_every_unit_and_no_fewer() -> None:
    years = [Candidate(image, "23" if image < 4 else "24", unit) for image, (_, unit) in SITES.items()]
    first = {0, 8, 9, 10, 11}
    further = images_for_every_unit(years, first)
    reached = [
        {(one.stratum, one.unit) for one in years if one.image in {d.image for d in drawn}}
        for drawn in (draw_images(years, Wanted(count=number), 3, first) for number in (further, further - 1))
    ]
    assert [len(units) for units in reached] == [12, 11]


def test_units_that_lie_in_several_strata_stand_for_all_of_them() -> None:
    depths = {n: ("deep" if n % 2 else "flat", f"site {n // 2}") for n in range(10)}
    assert out_of_reach(depths.items(), {0, 2, 4, 6, 9}) is None
    assert out_of_reach(depths.items(), {0}) == OutOfReach({"": Reached(1, 5)}, 2, 0)


def test_a_stratum_with_one_unit_in_all_is_no_matter_of_the_audit() -> None:
    assert out_of_reach([(0, ("a", "x")), (1, ("b", "y")), (2, ("b", "z"))], {1, 2}) is None


def test_the_share_that_is_offered_draws_enough_units_of_each_stratum() -> None:
    assert share_that_reaches([10], 400) == share_that_reaches([], 0) == 5
    assert share_that_reaches([5], 16) == 30, "of one image no interval comes, and of two none worth having"
    assert share_that_reaches([2], 3) == 50
    assert share_that_reaches([2, 50], 60) == 100, "the two units of a stratum are met for certain by all units alone"
    assert share_that_reaches([100, 100], 1000) == 5, "few of very many are in both strata all the same"


def test_a_stratum_with_a_single_unit_asks_for_no_larger_share() -> None:
    assert share_that_reaches([1, 20], 200) == share_that_reaches([20], 200)
