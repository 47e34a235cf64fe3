"""The audit: known probabilities, however many draws it took to come together."""

from __future__ import annotations

from collections import Counter

import pytest

from coralrun.review import audit
from coralrun.review.audit import Candidate
from coralrun.review.sets import Wanted


def candidates(units: dict[str, int], stratum: str = "") -> list[Candidate]:
    names = [unit for unit, count in units.items() for _ in range(count)]
    return [Candidate(number, stratum, unit) for number, unit in enumerate(names)]


def test_every_unit_gets_its_share_of_the_audit_and_none_is_left_out() -> None:
    drawn = audit.draw_images(candidates({"a": 100, "b": 100, "c": 2}), Wanted(share=0.05), seed=1)

    units = Counter("abc"[(image.image >= 100) + (image.image >= 200)] for image in drawn)
    assert units == {"a": 5, "b": 5, "c": 1}
    assert {image.inclusion for image in drawn} == {0.05, 0.5}
    assert {image.unit_inclusion for image in drawn} == {1.0}


def test_fewer_images_than_units_draw_units_first_and_one_image_of_each() -> None:
    drawn = audit.draw_images(candidates({str(unit): 4 for unit in range(50)}), Wanted(count=10), seed=1)

    assert len({image.image // 4 for image in drawn}) == len(drawn) == 10
    assert {(image.inclusion, image.unit_inclusion) for image in drawn} == {(10 / 50 / 4, 10 / 50)}


def test_an_image_is_drawn_as_often_as_its_inclusion_probability_says() -> None:
    images = candidates({"a": 3, "b": 9, "c": 1, "d": 5})
    seen: Counter[int] = Counter()
    said: dict[int, float] = {}
    seeds = 4000
    for seed in range(seeds):
        for one in audit.draw_images(images, Wanted(count=2), seed):
            seen[one.image] += 1
            said[one.image] = one.inclusion
    assert set(said) == set(range(18))
    for image, inclusion in said.items():
        assert seen[image] / seeds == pytest.approx(inclusion, abs=4 * (inclusion / seeds) ** 0.5)


def test_strata_share_the_audit_by_their_size() -> None:
    images = candidates({"a": 90}, "deep") + [Candidate(90 + n, "shallow", "b") for n in range(10)]
    drawn = audit.draw_images(images, Wanted(count=20), seed=3)
    assert Counter(image.stratum for image in drawn) == {"deep": 18, "shallow": 2}


def test_the_same_wish_draws_the_same_images_and_another_seed_others() -> None:
    images = candidates({"a": 50, "b": 50})
    first, again, other = (audit.draw_images(images, Wanted(share=0.1), seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_few_points_of_each_audited_image_have_the_smaller_probability() -> None:
    (image,) = audit.draw_images(candidates({"a": 1}), Wanted(count=1), seed=0)
    points = list(audit.audit_points([image], {0: 200}, 50, seed=0))
    assert len({point.point for point in points}) == 50
    assert {point.inclusion for point in points} == {0.25}


def test_a_sample_has_its_count_of_images_where_units_are_of_unlike_sizes() -> None:
    images = candidates({"a": 97, "b": 1, "c": 1, "d": 1})
    assert len(audit.draw_images(images, Wanted(count=6), seed=1)) == 6


def test_a_further_draw_keeps_what_was_drawn_and_takes_from_the_rest() -> None:
    images = candidates({"a": 20, "b": 10})
    first = [image.image for image in audit.draw_images(images, Wanted(share=0.2), 0)]
    both = [image.image for image in audit.draw_images(images, Wanted(share=0.2), 0, first)]
    assert set(first) < set(both)
    assert (len(first), len(both)) == (6, 12)
    assert sum(image < 20 for image in both) == 8


def test_a_further_draw_of_few_images_goes_to_units_that_have_none() -> None:
    images = candidates({str(unit): 4 for unit in range(9)})
    first = [image.image for image in audit.draw_images(images, Wanted(count=4), 0)]
    both = audit.draw_images(images, Wanted(count=4), 1, first)
    assert len({image.image // 4 for image in both}) == 8
    assert {(image.inclusion, image.unit_inclusion) for image in both} == {(8 / 9 / 4, 8 / 9)}


def test_a_further_draw_ends_where_all_images_are_drawn() -> None:
    images = candidates({"a": 3, "b": 2})
    both = audit.draw_images(images, Wanted(count=4), 1, [0, 3])
    assert {(image.image, image.inclusion) for image in both} == {(image, 1.0) for image in range(5)}


SEEDS = 3000
CROSSED = [Candidate(n, "wet" if n % 3 else "dry", "abcd"[n * n % 4 + n % 2]) for n in range(24)]
PLAIN = candidates({"a": 3, "b": 9, "c": 1, "d": 5})


@pytest.mark.parametrize("images", [PLAIN, CROSSED], ids=["units", "units in two strata each"])
@pytest.mark.parametrize("sizes", [(1, 2), (2, 5), (2, 1, 4), (6, 5)], ids=str)
def test_an_audit_of_several_draws_has_each_image_and_unit_as_often_as_is_said(
    images: list[Candidate], sizes: tuple[int, ...]
) -> None:
    """Between units drawn first, then all of them, and all of them from the start; with the same seed for all draws."""
    seen: Counter[int] = Counter()
    of_unit: Counter[str] = Counter()
    said: dict[int, float] = {}
    said_of_unit: dict[str, float] = {}
    unit = {image.image: image.unit for image in images}
    for seed in range(SEEDS):
        drawn: tuple[audit.DrawnImage, ...] = ()
        for size in sizes:
            drawn = audit.draw_images(images, Wanted(count=size), seed, [image.image for image in drawn])
        for one in drawn:
            seen[one.image] += 1
            assert said.setdefault(one.image, one.inclusion) == one.inclusion
            said_of_unit[unit[one.image]] = one.unit_inclusion
        of_unit.update({unit[image.image] for image in drawn})
    assert len(said) == len(images)
    for image, inclusion in said.items():
        assert seen[image] / SEEDS == pytest.approx(inclusion, abs=4.5 * (inclusion / SEEDS) ** 0.5)
    for name, inclusion in said_of_unit.items():
        assert of_unit[name] / SEEDS == pytest.approx(inclusion, abs=4.5 * (inclusion / SEEDS) ** 0.5)
