"""The selection of images: globs, the order of the steps, and the sample."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coralrun.planning.filters import matcher, sample, select
from coralrun.planning.identity import stable_part
from coralrun.planning.images import FoundImage
from coralrun.spec.model import BucketSource, CoralNetSource, Filters, ManifestSource, Range


def of(filters: Filters) -> CoralNetSource:
    return CoralNetSource(source=1, filters=filters)


def together(keys: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(keys, "")


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
        ("regex:_q[0-9]$", "a_q1", "a_q1.jpg"),
        ("regex:(?i)^MCR", "mcr_1.jpg", "x_mcr.jpg"),
        ("[r]egex:*", "regex:1", "1"),
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
    selection = select(ManifestSource(path="x.csv", filters=filters), images, ("a3.jpg", "a4.jpg", "b1.jpg"))
    assert [image.name for image in selection.images] == ["a3.jpg"]
    assert [(step.step, step.removed, step.left) for step in selection.funnel] == [
        ("found", 0, 5),
        ("include", 1, 4),
        ("exclude", 1, 3),
        ("names_from", 1, 2),
        ("limit", 1, 1),
    ]
    assert {step.source for step in selection.funnel} == {"manifest:x.csv"}


def test_of_a_bucket_only_images_are_taken_and_the_others_are_counted() -> None:
    source = BucketSource(address="s3://reef/2024/", filters=Filters(include=("north/*",)))
    names = ("north/a.JPG", "north/a.xmp", "north/b.jpeg", "north/jpg", "south/c.png", "south/readme.txt")
    selection = select(source, found(*names))
    assert [image.name for image in selection.images] == ["north/a.JPG", "north/b.jpeg"]
    assert [(step.step, step.removed, step.left) for step in selection.funnel] == [
        ("found", 0, 6),
        ("image files", 3, 3),
        ("include", 1, 2),
    ]


def test_the_key_of_a_bucket_s_image_is_its_address_whatever_folder_was_named() -> None:
    (whole,), (folder,) = found("2024/a.jpg"), found("a.jpg")
    key = stable_part(BucketSource(address="s3://reef/"), whole)
    assert key == stable_part(BucketSource(address="s3://reef/2024/", endpoint="https://a.example"), folder)
    assert key == "s3://reef/2024/a.jpg"


def test_a_step_that_was_not_asked_for_is_not_told() -> None:
    selection = select(of(Filters()), found("a", "b"))
    assert [step.step for step in selection.funnel] == ["found"]
    assert len(selection.images) == 2


def test_an_empty_list_of_names_keeps_nothing() -> None:
    assert select(of(Filters(names_from="empty.txt")), found("a", "b")).images == ()


def test_names_are_matched_exactly() -> None:
    selection = select(of(Filters(names_from="list.txt")), found("A.jpg", "a.jpg"), ("a.jpg",))
    assert [image.name for image in selection.images] == ["a.jpg"]


def test_the_conditions_come_after_the_names_and_each_says_what_it_removed() -> None:
    images = [
        FoundImage(name=name, image_id=number, fields=("Site", "depth"), metadata=known)
        for number, (name, known) in enumerate(
            {"a1": ("N", "5"), "a2": ("N", "20"), "a3": ("S", "5"), "a4": ("N", "9"), "b1": ("N", "5")}.items()
        )
    ]
    filters = Filters(
        include=("a*",),
        where={"site": ("N",), "DEPTH": Range(most=10)},
        not_in=("runs/2023",),
        limit=1,
    )
    selection = select(of(filters), images, taken={"coralnet:1/0", "a4"})
    assert [image.name for image in selection.images] == ["a4"]
    assert [(step.step, step.removed, step.left) for step in selection.funnel] == [
        ("found", 0, 5),
        ("include", 1, 4),
        ("where site", 1, 3),
        ("where DEPTH", 1, 2),
        ("not_in", 1, 1),
        ("limit", 0, 1),
    ]


def test_photos_that_nobody_knows_by_content_are_kept_and_it_is_said() -> None:
    images = [FoundImage(name="a", sha256="ab" * 32), FoundImage(name="b", sha256="cd" * 32), FoundImage(name="c")]
    selection = select(of(Filters(not_trained_on="models/reef")), images, learnt={"ab" * 32})
    assert [image.name for image in selection.images] == ["b", "c"]
    assert selection.warnings == (
        "coralnet:1: whether models/reef was trained on 1 photo is not known, for only photos in folders are known by "
        "their content: they are kept",
    )


def test_a_count_beyond_the_images_draws_them_all_for_certain() -> None:
    assert sample({"a": "", "b": ""}, 5, 0) == {"a": 1.0, "b": 1.0}


def test_each_group_gives_as_many_and_each_image_its_own_probability() -> None:
    groups = {f"{site}{number}": site for site, size in (("a", 4), ("b", 10), ("c", 1)) for number in range(size)}
    drawn = sample(groups, 2, 7)
    assert sorted(groups[key] for key in drawn) == ["a", "a", "b", "b", "c"]
    assert {groups[key]: probability for key, probability in drawn.items()} == {"a": 0.5, "b": 0.2, "c": 1.0}


def test_an_image_more_in_one_group_changes_nothing_in_another() -> None:
    groups = {f"{site}{number}": site for site in "ab" for number in range(10)}
    before, after = (sample(keys, 3, 0) for keys in (groups, {**groups, "a10": "a"}))
    assert {key for key in before if key[0] == "b"} == {key for key in after if key[0] == "b"}
    assert len(before.keys() & after.keys()) >= 5


def test_a_sample_depends_on_the_seed_and_not_on_the_order_of_the_keys() -> None:
    keys = [f"image{number}" for number in range(100)]
    drawn = sample(together(keys), 10, 7)
    assert len(drawn) == 10
    assert set(drawn.values()) == {0.1}
    assert sample(together(keys[::-1]), 10, 7) == drawn
    assert sample(together(keys), 10, 8) != drawn


def test_a_larger_sample_keeps_the_images_of_a_smaller_one() -> None:
    keys = together([f"image{number}" for number in range(100)])
    assert sample(keys, 10, 0).keys() < sample(keys, 20, 0).keys()


def test_every_image_is_drawn_about_equally_often() -> None:
    keys = [f"image{number}" for number in range(10)]
    counts = dict.fromkeys(keys, 0)
    for seed in range(1000):
        for key in sample(together(keys), 3, seed):
            counts[key] += 1
    assert min(counts.values()) > 240  # expected 300, standard deviation 14
    assert max(counts.values()) < 360


@pytest.mark.parametrize(
    ("key", "pattern", "names", "said"),
    [
        ("include", "*.JPG", ["a.jpg", "b.jpg", "c.png"], "`*.jpg` would match 2"),
        ("include", "IMG_*.JPG", ["IMG_1.jpg"], "`IMG_*.jpg` would match 1"),
        ("include", "mcr*", ["MCR1.jpg", "MCR2.jpg"], "`MCR*` would match 2"),
        ("include", "img_*.JPG", ["IMG_1.jpg", "IMG_2.jpg"], "`IMG_*.jpg` would match 2"),
        ("include", "*.JPG", ["a.Jpg", "b.jpg", "c"], "in other letters it would match 2, such as `a.Jpg`"),
        ("include", "regex:^mcr", ["Mcr1.jpg", "MCR2.jpg"], "`regex:(?i)^mcr` would match 2"),
        ("exclude", "*.THM", ["a.thm", "b.jpg"], "`*.thm` would match 1"),
        ("include", "r\u00e9cif*", ["re\u0301cif1"], "`re\u0301cif*` (\u00e9 written as e + U+0301) would match 1"),
    ],
)
def test_a_pattern_that_matches_nothing_says_what_it_would_match_in_another_case(
    key: str, pattern: str, names: list[str], said: str
) -> None:
    filters = Filters(include=(pattern,)) if key == "include" else Filters(exclude=(pattern,))
    selection = select(of(filters), found(*names))
    assert selection.warnings == (f"coralnet:1: `{key}: {pattern}` matches no image, but {said}",)


@pytest.mark.parametrize("patterns", [("*.jpg",), ("*.tif",), ("*.PNG", "*.jpg")])
def test_a_pattern_that_matches_or_would_in_no_case_says_nothing(patterns: tuple[str, ...]) -> None:
    assert select(of(Filters(include=patterns)), found("a.jpg", "b.jpg")).warnings == ()
    assert select(of(Filters(include=patterns)), ()).warnings == ()


def test_a_list_of_names_is_matched_before_other_filters_apply() -> None:
    filters = Filters(include=("*.JPG",), names_from="list.txt")
    selection = select(of(filters), found("a.jpg", "A.JPG"), ("a.jpg",))
    assert (selection.images, selection.not_found, selection.warnings) == ((), (), ())


def test_images_of_an_earlier_run_are_left_out_whatever_the_form_of_their_names() -> None:
    filters = Filters(not_in=("runs/1", "runs/2"))
    images = found("re\u0301cif.jpg", "B.JPG", "c.jpg", "stra\u00dfe.jpg")
    taken = {"r\u00e9cif.jpg", "b.jpg", "STRASSE.jpg", "d.jpg"}
    selection = select(ManifestSource(path="x.csv", filters=filters), images, taken=taken)
    assert [image.name for image in selection.images] == ["c.jpg", "stra\u00dfe.jpg"]
    assert selection.warnings == (
        "runs/1, runs/2: 1 name was matched ignoring upper and lower case: `B.JPG` for `b.jpg`",
        "runs/1, runs/2: 1 name was matched to one that is written in other characters: "
        "`re\u0301cif.jpg` (\u00e9 written as e + U+0301) for `r\u00e9cif.jpg`",
    )


@pytest.mark.parametrize("pattern", ["*a" * 25 + "*b", "?*" * 30 + "b", "*[ab]" * 25 + "c", "regex:(a+)+$"])
def test_a_pattern_that_would_keep_a_computer_busy_for_years_takes_no_time(pattern: str) -> None:
    assert not matcher([pattern])("a" * 5_000 + "!")
