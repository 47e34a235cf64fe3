"""Written names that are no image's and resemble one."""

from __future__ import annotations

import pytest

from coralrun.planning.near_names import near_misses


def said(*left: str, images: tuple[str, ...]) -> list[str]:
    return list(near_misses(left, images))


@pytest.mark.parametrize(
    ("name", "image", "what"),
    [
        (r"D:\photos\site1\a.jpg", "a.jpg", "folders"),
        ("site1/a.jpg", "A.JPG", "folders"),
        ("a.jpg", "site1/a.jpg", "folders"),
        ("site2/a.jpg", "site1/a.jpg", "folders"),
        ("a", "a.jpg", "endings"),
        ("a.png", "a.jpg", "endings"),
        ("a.JPG.jpg", "a.jpg", "endings"),
        ("b/a", "a.jpg.JPEG", "folders and endings"),
        ("x.y/a", "a.tiff", "folders and endings"),
    ],
)
def test_a_name_that_is_an_images_but_for_folders_and_ending_is_named(name: str, image: str, what: str) -> None:
    expected = f"`{name}` is not there, but `{image}` is: names are matched with their {what}"
    assert said(name, images=(image, "b.jpg")) == [expected]


def test_the_image_is_named_that_agrees_with_the_longest_end_of_the_folders() -> None:
    images = ("2023/site1/a.jpg", "2023/site2/a.jpg", "a.jpg")
    assert said(r"D:\reef\SITE2\a.jpg", images=images) == [
        r"`D:\reef\SITE2\a.jpg` is not there, but `2023/site2/a.jpg` is: "
        "names are matched with their folders"
    ]
    assert said("a", images=tuple(f"site{number}/a.jpg" for number in range(1, 6))) == [
        "`a` is not there, but `site1/a.jpg`, `site2/a.jpg`, `site3/a.jpg` and 2 more are: "
        "names are matched with their folders and endings"
    ]


def test_names_that_several_images_or_none_could_have_are_listed_with_what_differs() -> None:
    assert said("E\u0301.jpg", images=("é.jpg", "é\u200b.jpg")) == [
        "`E\u0301.jpg` (É written as E + U+0301) could be `é.jpg` or `é\u200b.jpg` (with U+200B zero width "
        "space), so it is taken for neither"
    ]
    assert said("b.JPG", "B.jpg", images=("b.jpg",)) == [
        "`b.JPG` and `B.jpg` could be `b.jpg`, so neither is taken for it"
    ]
    assert said("B.jpg", images=("b.jpg",)) == ["`B.jpg` is not there, but `b.jpg` is, which is named as well"]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    names = [f"IMG_{number}" for number in range(300)]
    lines = said(*names, "gone", images=tuple(f"{name}.jpg" for name in names))
    assert lines[0] == "`IMG_0` is not there, but `IMG_0.jpg` is: names are matched with their endings"
    assert lines[3:] == ["297 more names that are not there resemble an image's"]


@pytest.mark.parametrize("name", ["gone.jpg", "STRASSE.jpg", "a1", "", "/", "\u200b"])
def test_what_resembles_no_image_is_not_named(name: str) -> None:
    assert said(name, images=("a.jpg", "Straße.jpg", "a2.jpg")) == []


def test_what_is_said_does_not_depend_on_the_order_of_the_images() -> None:
    images = tuple(f"{folder}/{name}.jpg" for folder in "pqr" for name in "ab")
    assert said("a.PNG", "b", images=images) == said("a.PNG", "b", images=images[::-1])
