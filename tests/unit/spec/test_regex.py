"""Regular expressions of users take linear time, and what cannot is refused by its name."""

from __future__ import annotations

import pytest

from coralrun.spec.regex import BadPattern, searcher

LONG = "a" * 50_000


def test_a_pattern_is_searched_for_in_the_name() -> None:
    find = searcher("_q0[1-4]_")
    assert find("mcr_q03_2008.jpg")
    assert not find("mcr_q05_2008.jpg")
    assert searcher("(?i)^RÉCIF")("récif_1.jpg")
    assert searcher(r"^\pL+$")("Réunion")
    assert searcher(r"(?P<site>lter[0-9])_\d{2}\.JPG$")("x_lter1_09.JPG")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}b", "^(([a-z])+.)+[A-Z]$"])
def test_a_pattern_that_would_keep_a_computer_busy_for_years_takes_no_time(pattern: str) -> None:
    assert not searcher(pattern)(LONG + "!")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("^(?!mcr)", "a look-ahead, `(?!`"),
        ("mcr(?=_)", "a look-ahead, `(?=`"),
        ("(?<=_)q1", "a look-behind, `(?<=`"),
        ("(?<!_)q1", "a look-behind, `(?<!`"),
        (r"(a)\1", r"a back reference, `\1`"),
        ("(?P<x>a)(?P=x)", "a back reference, `(?P=`"),
        ("(?>a+)b", "an atomic group, `(?>`"),
        ("(a)?(?(1)b|c)", "a condition, `(?(`"),
    ],
)
def test_what_cannot_take_linear_time_is_refused_by_its_name(pattern: str, name: str) -> None:
    with pytest.raises(BadPattern) as refused:
        searcher(pattern)
    assert str(refused.value) == (
        f"it has {name}, which cannot be searched for in a time in proportion to the name; "
        "write it otherwise, with `include` and `exclude` together"
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(abc", "missing ): (abc"),
        ("a{2,1}", "invalid repetition size: {2,1}"),
        ("*", "no argument for repetition operator: *"),
        ("[é", "missing ]: [é"),
        (r"a\Z", r"invalid escape sequence: \Z"),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadPattern) as refused:
        searcher(pattern)
    assert str(refused.value).startswith(why)
    assert capfd.readouterr().err == ""


def test_a_name_that_is_no_text_is_searched_all_the_same() -> None:
    assert searcher(r"\.jpg$")("IMG\ud800_1.jpg")
