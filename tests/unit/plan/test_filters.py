"""The selection of images: globs, the order of the steps, and the sample."""

from __future__ import annotations

import pytest

from coralrun.plan.filters import matcher, sample, select
from coralrun.plan.model import FoundImage
from coralrun.spec.model import Filters, ImageSampling


def found(*names: str) -> tuple[FoundImage, ...]:
    return tuple(FoundImage(name=name) for name in names)


@pytest.mark.parametrize(
    ("glob", "matching", "other"),
    [
        ("*_out10m_*", "mcr_out10m_qu1.jpg", "mcr_out17m_qu1.jpg"),
        ("IMG_1.jpg", "IMG_1.jpg", "AIMG_1.jpg"),
        ("IMG_1.jpg", "IMG_1.jpg", "IMG_1xjpg"),
        ("*.jpg", "a.jpg", "a.JPG"),
        ("q?.jpg", "q1.jpg", "q12.jpg"),
        ("q[1-3].jpg", "q2.jpg", "q4.jpg"),
        ("q[!1-3].jpg", "q4.jpg", "q2.jpg"),
        ("odd[name*", "odd[name.jpg", "oddn"),
        ("AMP31567(1).jpg", "AMP31567(1).jpg", "AMP315671.jpg"),
        ("*.jpg", "site 1/day 2/a.jpg", "a.jpg/b"),
        ("*.jpg", "two\nlines.jpg", "a.jpg\n"),
        ("🐠*", "🐠.jpg", "reef.jpg"),
        ("..*", "../up.jpg", "up.jpg"),
    ],
)
def test_a_glob_matches_the_whole_name_and_nothing_like_it(glob: str, matching: str, other: str) -> None:
    matches = matcher([glob])
    assert matches(matching)
    assert not matches(other)


def test_an_image_passes_when_any_of_several_globs_matches() -> None:
    matches = matcher(["a*", "b*"])
    assert [name for name in ("a1", "b1", "c1") if matches(name)] == ["a1", "b1"]


def test_the_filters_apply_in_their_order_and_each_says_what_it_removed() -> None:
    images = found("a1.jpg", "a2.jpg", "a3.jpg", "a4.jpg", "b1.jpg")
    filters = Filters(include=("a*",), exclude=("a2*",), names_from="list.txt", limit=1)
    selection = select("manifest:x.csv", images, filters, ("a3.jpg", "a4.jpg", "b1.jpg"))
    assert [image.name for image in selection.images] == ["a3.jpg"]
    assert [(step.step, step.removed, step.left) for step in selection.funnel] == [
        ("found", 0, 5),
        ("include", 1, 4),
        ("exclude", 1, 3),
        ("names_from", 1, 2),
        ("limit", 1, 1),
    ]
    assert {step.source for step in selection.funnel} == {"manifest:x.csv"}


def test_a_step_that_was_not_asked_for_is_not_told() -> None:
    selection = select("coralnet:1", found("a", "b"), Filters(), ())
    assert [step.step for step in selection.funnel] == ["found"]
    assert len(selection.images) == 2


def test_an_empty_list_of_names_keeps_nothing() -> None:
    assert select("coralnet:1", found("a", "b"), Filters(names_from="empty.txt"), ()).images == ()


def test_names_are_matched_exactly() -> None:
    selection = select("coralnet:1", found("A.jpg", "a.jpg"), Filters(names_from="list.txt"), ("a.jpg",))
    assert [image.name for image in selection.images] == ["a.jpg"]


def test_without_a_count_every_image_is_drawn() -> None:
    assert sample(["a", "b"], ImageSampling()) == {"a", "b"}


def test_a_count_beyond_the_images_draws_them_all() -> None:
    assert sample(["a", "b"], ImageSampling(count=5)) == {"a", "b"}


def test_a_sample_depends_on_the_seed_and_not_on_the_order_of_the_keys() -> None:
    keys = [f"image{number}" for number in range(100)]
    drawn = sample(keys, ImageSampling(count=10, seed=7))
    assert len(drawn) == 10
    assert sample(keys[::-1], ImageSampling(count=10, seed=7)) == drawn
    assert sample(keys, ImageSampling(count=10, seed=8)) != drawn


def test_a_larger_sample_keeps_the_images_of_a_smaller_one() -> None:
    keys = [f"image{number}" for number in range(100)]
    assert sample(keys, ImageSampling(count=10)) < sample(keys, ImageSampling(count=20))


def test_every_image_is_drawn_about_equally_often() -> None:
    keys = [f"image{number}" for number in range(10)]
    counts = dict.fromkeys(keys, 0)
    for seed in range(1000):
        for key in sample(keys, ImageSampling(count=3, seed=seed)):
            counts[key] += 1
    assert min(counts.values()) > 240  # expected 300, standard deviation 14
    assert max(counts.values()) < 360
