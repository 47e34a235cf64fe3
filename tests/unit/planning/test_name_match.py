"""Which image a written name means."""

from __future__ import annotations

import unicodedata

import pytest

from coralrun.planning.name_match import match_names, match_paths, shown


def nfd(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def matched(written: list[str], images: set[str]) -> dict[str, str]:
    return match_names(written, images).images


def test_an_exact_name_is_its_image_whatever_else_resembles_it() -> None:
    images = {"a.jpg", "A.jpg", "é.jpg", nfd("é.jpg")}
    assert matched(sorted(images), images) == {}
    assert match_names(sorted(images), images).unmatched(images, images) == ()


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("A.JPG", "a.jpg"),
        ("STRAẞE.jpg", "straße.JPG"),
        (nfd("récif.jpg"), "récif.jpg"),
        ("récif.jpg", nfd("récif.jpg")),
        (nfd("RÉCIF.JPG"), "récif.jpg"),
        (nfd("한글.jpg"), "한글.jpg"),
        ("Đảo Côn.jpg", nfd("Đảo Côn.jpg")),
        ("site 1.jpg", "site\u00a01.jpg"),
        ("site\u202f1.jpg", "site 1.jpg"),
        ("a\u200b.jpg", "a.jpg"),
        ("a.jpg", "\ufeffa.jpg"),
        ("\u202aa.jpg", "A.JPG"),
        ("\u212bland.jpg", "Åland.jpg"),
    ],
)
def test_a_name_in_another_case_is_the_only_image_that_looks_so(written: str, image: str) -> None:
    assert matched([written, "b.jpg"], {image, "b.jpg", "c.jpg"}) == {written: image}


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("STRASSE.jpg", "Straße.jpg"),
        ("file.jpg", "\ufb01le.jpg"),
        ("recif.jpg", "récif.jpg"),
        ("a.jpg", "a"),
        ("site1/a.jpg", "a.jpg"),
        ("a  b.jpg", "a b.jpg"),
        ("site1.jpg", "site2.jpg"),
    ],
)
def test_letters_folders_and_endings_that_differ_make_two_names(written: str, image: str) -> None:
    assert matched([written], {image}) == {}
    assert matched([image], {written}) == {}


@pytest.mark.parametrize(
    ("written", "images"),
    [
        (["a.JPG"], {"a.jpg", "A.jpg"}),
        (["a.JPG", "a.jpg"], {"A.jpg"}),
        (["a.jpg", "A.jpg"], {"a.jpg"}),
        (["a.jpg", "A.jpg"], {"a.jpg", "A.JPG"}),
        (["e\u0301.jpg"], {"é.jpg", "é\u200b.jpg"}),
        (["é.jpg", "e\u0301.jpg"], {"é.jpg", "É.jpg"}),
    ],
)
def test_nothing_is_matched_where_more_than_one_on_either_side_could_be_meant(
    written: list[str], images: set[str]
) -> None:
    assert matched(written, images) == {}


def test_case_is_kept_where_that_tells_two_names_apart() -> None:
    images = {"Récif.jpg", "récif.jpg"}
    assert matched([nfd("Récif.jpg"), nfd("récif.jpg")], images) == {nfd(name): name for name in images}


@pytest.mark.parametrize(
    ("written", "images", "found"),
    [
        (["a.jpg", "b.jpg"], {"n/a.jpg", "s/2/b.jpg"}, {"a.jpg": "n/a.jpg", "b.jpg": "s/2/b.jpg"}),
        (["a.jpg"], {"n/a.jpg", "s/a.jpg"}, {}),
        (["a.jpg"], {"a.jpg", "s/a.jpg"}, {}),
        (["a.jpg", "n/a.jpg"], {"n/a.jpg"}, {}),
        (["a.jpg", "x/a.jpg"], {"n/a.jpg"}, {}),
        (["a.jpg", "N/A.JPG"], {"n/a.jpg"}, {"N/A.JPG": "n/a.jpg"}),
        (["A.jpg", "a", "x/a.jpg", r"x\a.jpg", ""], {"n/a.jpg"}, {}),
    ],
)
def test_a_name_without_a_folder_is_the_only_image_called_so_in_one(
    written: list[str], images: set[str], found: dict[str, str]
) -> None:
    assert match_names(written, images, in_folders=True).images == found
    assert matched([name for name in written if name not in images and "/" not in name], images) == {}


@pytest.mark.parametrize(
    ("written", "images", "found"),
    [
        (
            ["https://reef.org/2024/a%201.jpg?v=2"],
            {"a 1.jpg", "b.jpg"},
            {"https://reef.org/2024/a%201.jpg?v=2": "a 1.jpg"},
        ),
        (["https://reef.org/1/a.jpg", "https://reef.org/2/a.jpg"], {"a.jpg"}, {}),
        (["https://reef.org/1/a.jpg", "a.jpg"], {"a.jpg"}, {}),
        (["https://reef.org/1/a.jpg", "A.jpg"], {"a.jpg"}, {"A.jpg": "a.jpg"}),
        (["https://reef.org/a.jpg"], {"https://reef.org/a.jpg", "a.jpg"}, {}),
        (["https://", "https://reef.org/", "ftp://reef.org/a.jpg"], {"a.jpg"}, {}),
    ],
)
def test_an_address_is_the_image_that_it_alone_ends_in(
    written: list[str], images: set[str], found: dict[str, str]
) -> None:
    match = match_names(written, images, in_folders=True)
    assert match.images == found
    assert len([*match.warnings()]) == len(found)


def test_what_was_not_exact_is_said_with_its_count_and_the_characters_that_differ() -> None:
    written = ["A.JPG", nfd("récif.jpg"), "x\u00a0y.jpg", "z\u200b.jpg", "\ufeffw.jpg"]
    match = match_names(written, {"a.jpg", "récif.jpg", "x y.jpg", "z.jpg", "w.jpg"})
    assert list(match.warnings()) == [
        "1 name was matched ignoring upper and lower case: `A.JPG` for `a.jpg`",
        "4 names were matched to one that is written in other characters: "
        f"`{nfd('récif.jpg')}` (é written as e + U+0301) for `récif.jpg`, "
        "`x\u00a0y.jpg` (with U+00A0 no-break space) for `x y.jpg`, "
        "`z\u200b.jpg` (with U+200B zero width space) for `z.jpg`, ...",
    ]


def test_a_name_is_shown_with_what_cannot_be_seen_and_as_it_is_where_all_can() -> None:
    assert shown("récif 1.jpg") == "`récif 1.jpg`"
    assert shown("\u212b.jpg") == "`\u212b.jpg` (Å written as U+212B)"
    assert shown(nfd("각.jpg")) == f"`{nfd('각.jpg')}` (각 written as U+1100 + U+1161 + U+11A8)"
    assert (
        shown("e" + "\u0301" * 50)
        == "`e" + "\u0301" * 50 + "` (é" + "\u0301" * 49 + " written as e + U+0301 + U+0301 + U+0301)"
    )


def test_the_end_of_a_path_is_the_image_and_tells_two_of_one_name_apart() -> None:
    paths = {"1.cpc": [r"D:\photos\site1\IMG_1.jpg"], "2.cpc": ["/home/site2/IMG_1.jpg"], "3.cpc": [r"C:\b.jpg"]}
    images = {"site1/IMG_1.jpg", "site2/IMG_1.jpg", "b.jpg"}
    match = match_paths(paths, images)
    assert match.by_path == {"1.cpc": "site1/IMG_1.jpg", "2.cpc": "site2/IMG_1.jpg", "3.cpc": "b.jpg"}
    assert list(match.warnings()) == []


def test_the_longest_end_of_a_path_is_meant() -> None:
    images = {"a.jpg", "site1/a.jpg", "2024/site1/a.jpg"}
    assert match_paths({"p": ["D:/2024/site1/a.jpg"]}, images).images == {"p": "2024/site1/a.jpg"}
    assert match_paths({"p": ["D:/2023/site1/a.jpg"]}, images).images == {"p": "site1/a.jpg"}


def test_a_path_whose_folders_say_otherwise_is_no_image() -> None:
    assert match_paths({"p": ["D:/site3/a.jpg"]}, {"site1/a.jpg", "site2/a.jpg"}).images == {}
    assert match_paths({"p": ["D:/site3/a.jpg"]}, {"site1/a.jpg"}).images == {}


def test_the_second_path_is_asked_where_the_first_is_no_image() -> None:
    paths = {"p": [r"D:\work\a.jpg", "points/site2/a.jpg"]}
    assert match_paths(paths, {"site1/a.jpg", "site2/a.jpg"}).images == {"p": "site2/a.jpg"}


def test_paths_are_matched_in_another_case_too_which_is_said() -> None:
    match = match_paths({r"D:\Site 1\É.JPG": [r"D:\Site 1\É.JPG"]}, {"site 1/é.jpg"})
    assert list(match.warnings()) == [
        r"1 name was matched ignoring upper and lower case: `D:\Site 1\É.JPG` for `site 1/é.jpg`"
    ]


def test_a_path_of_a_million_folders_is_cut_before_it_is_looked_at() -> None:
    path = "x/" * 1_000_000
    assert match_paths({"p": [f"{path}a.jpg"]}, {"x/a.jpg"}).images == {"p": "x/a.jpg"}


class Counting(str):
    """A name that counts how often it is put into lower case."""

    lowered: int = 0

    def lower(self) -> str:
        Counting.lowered += 1
        return super().lower()


def test_names_are_looked_at_again_only_where_some_are_left() -> None:
    names = [Counting(f"IMG_{number}.jpg") for number in range(2000)]
    match_names(names, frozenset(names))
    assert Counting.lowered == 0
    match_names([*names[1:], *(f"img_{number}.JPG" for number in range(1000, 3000))], frozenset(names))
    assert Counting.lowered <= 4 * len(names)
