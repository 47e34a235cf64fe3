"""Text in the encodings that people's programs write."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.errors import InvalidInput
from coralrun.sources.text import decoded, looks_like
from coralrun.spec.model import Reading

NAMES = "name\nrécif.jpg\nπ.jpg\n"
SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"


def complaint(data: bytes, encoding: str | None = "utf-8") -> str:
    with pytest.raises(InvalidInput) as problem:
        decoded("images.csv", data, None if encoding is None else Reading(encoding=encoding))
    return str(problem.value)


@pytest.mark.parametrize("data", [NAMES.encode(), NAMES.encode("utf-8-sig")])
def test_utf_8_is_read_with_a_mark_and_without(data: bytes) -> None:
    assert decoded("images.csv", data) == NAMES


@pytest.mark.parametrize(
    ("encoding", "codec"), [("windows-1252", "cp1252"), ("mac-roman", "mac_roman"), ("utf-16", "utf-16")]
)
def test_a_file_is_read_in_the_encoding_that_the_survey_gives(encoding: str, codec: str) -> None:
    assert decoded("images.csv", "Récif Güell ñ".encode(codec), Reading(encoding=encoding)) == "Récif Güell ñ"


@pytest.mark.parametrize(("codec", "likely"), [("cp1252", "windows-1252"), ("mac_roman", "mac-roman")])
def test_a_file_in_another_encoding_is_refused_with_its_line_and_the_likely_one(codec: str, likely: str) -> None:
    data = "name\nArrecife Güell ñandú\n".encode(codec)
    assert complaint(data) == (
        "images.csv:2: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        f"it looks like {likely}, which `encoding: {likely}` beside the table's path in the survey reads"
    )


@pytest.mark.parametrize(("codec", "likely"), [("cp1252", "windows-1252"), ("mac_roman", "mac-roman")])
@pytest.mark.parametrize("word", ["récif", "Güell", "El Niño", "Ñandú", "naïve", "Åland"])
def test_one_word_is_enough_to_tell_the_two_encodings_apart(word: str, codec: str, likely: str) -> None:
    assert looks_like(f"name\n{word}.jpg\n".encode(codec)) == likely


def test_where_a_survey_cannot_say_an_encoding_none_is_advised() -> None:
    assert complaint("récif.jpg\n".encode("cp1252"), None) == (
        "images.csv:1: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like windows-1252"
    )


def test_the_unicode_text_of_a_spreadsheet_is_recognised_by_its_mark() -> None:
    assert looks_like("name".encode("utf-16")) == "utf-16"


def test_bytes_that_are_no_text_get_no_suggestion() -> None:
    assert complaint(b"\x89PNG\r\n\x1a\n\xff\xd8\xa0\xb1") == (
        "images.csv:1: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`)"
    )


def test_a_wrong_encoding_in_the_survey_is_named() -> None:
    assert complaint(b"a\n\x81", "windows-1252") == (
        "images.csv:2: this is not windows-1252 text, which the survey says it is: correct `encoding`"
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_nul_is_refused_at_its_line_whatever_the_line_ends(line_end: str) -> None:
    assert complaint(f"a{line_end}b{line_end}\0".encode()) == (
        "images.csv:3: there is a NUL character: save the file as CSV in UTF-8"
    )


def test_the_real_list_of_labels_that_is_not_utf_8_is_recognised() -> None:
    path = SHARED / "labels" / "coralnet_global_labelset.csv"
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    assert looks_like(path.read_bytes()) == "mac-roman"  # An\x8emona, carbon\x87tico, decomposi\x8d\x8bo


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_conflict_that_git_left_is_told_at_its_line_and_its_signs_alone_are_text(ending: str) -> None:
    left = ["name", "a.jpg", "<<<<<<< HEAD", "b.jpg", "=======", "c.jpg", ">>>>>>> north", ""]
    assert complaint(ending.join(left).encode()).startswith("images.csv:3: two versions of these lines, of which git")
    half = ["name", "b.jpg", "=======", "c.jpg"]
    assert complaint(ending.join(half).encode()).startswith("images.csv:3: two versions")
    text = ending.join(["name", "<<<<<<<.jpg", "a >>>>>>> b", "======= c", "========", ""])
    assert decoded("images.csv", text.encode()) == text
